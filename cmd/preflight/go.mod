module github.com/storefront-cdk/storefront/cmd/preflight

go 1.26.0

require github.com/storefront-cdk/storefront v0.0.0

require github.com/google/go-cmp v0.7.0 // indirect

replace github.com/storefront-cdk/storefront => ../..
