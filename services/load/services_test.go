package load

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// A shopper browses 10 pages, searches 4 times, changes the cart 3 times, writes a review, and checks out. Of the pages, 3 list
// products and 7 show one. What the page of the shop requests for that is in the steps of the services, for ten shoppers, since
// one of ten uploads a photo with the review. A list shows 60 products to each that the browser does not have yet.
const shoppers = 10

// step is a request, or an event that the service handles.
type step struct {
	// count is how often ten shoppers do it.
	count int
	// request is the method and the path, in which {n} is a new number each time, and {p} that of one of the products.
	request string
	// user and body are as request. An empty user is nobody.
	user, body string
	// key is the Idempotency-Key, as request.
	key string
	// event returns the nth event, in place of a request.
	event func(n int) (event.Event, any)
}

// service is one whose work is measured.
type service struct {
	name string
	// folder and arguments are its program, and stack is where its tables are.
	folder, stack string
	arguments     []string
	// variables are those that the stack does not decide.
	variables func(*running) map[string]string
	// before prepares what the service reads when it starts, and prepare what its steps read, which are recorded after it.
	before, prepare func(*testing.T, *running)
	steps           []step
}

const products = 50

func euros(amount int64) events.Money { return events.Money{Amount: amount, Currency: "EUR"} }

const text = "A piece that is made by hand of oak and linen, for people who sit long and read much. It is delivered in two parts, with all that is needed to join them."

func product(n int, version int64) events.Product {
	return events.Product{
		ProductID: fmt.Sprint("p-", n), Version: version, Name: fmt.Sprintf("Reading chair No. %d of oak", n), Description: text,
		Category: fmt.Sprint("Category ", n%5), Price: euros(int64(1000 + n)), Stock: 100_000, ChangedAt: time.Now(),
	}
}

func lines(n int) (lines []events.Line) {
	for _, of := range []int{n, n + 1, n + 2} {
		lines = append(lines, events.Line{ProductID: fmt.Sprint("p-", of%products), Name: "Reading chair", Quantity: 1, UnitPrice: euros(1000)})
	}
	return lines
}

func checkedOut(n int) (event.Event, any) {
	return events.CartCheckedOut, events.Checkout{CheckoutID: fmt.Sprintf("%08d%024d", n, 0), UserID: fmt.Sprint("u-", n), Lines: lines(n), Total: euros(3000), CheckedOutAt: time.Now()}
}

func ordered(n int) (event.Event, any) {
	return events.OrderPlaced, events.Order{OrderID: fmt.Sprint("o-", n), CheckoutID: fmt.Sprint("c-", n), UserID: fmt.Sprint("u-", n%100), Lines: lines(n), Total: euros(3000), PlacedAt: time.Now()}
}

func reviewed(n int) (event.Event, any) {
	return events.ReviewPosted, events.Review{ReviewID: fmt.Sprint("r-", n), ProductID: fmt.Sprint("p-", n%products), AuthorID: fmt.Sprint("u-", n%100), Version: 1, Stars: 1 + n%5, Title: "Good", Text: text, PostedAt: time.Now()}
}

func changed(n int) (event.Event, any) {
	return events.ProductChanged, product(n%products, int64(n+1))
}

const opinion = `{"stars": 4, "title": "Good to read in", "text": "` + text + `", "authorName": "Ada"}`

var services = []service{
	{
		name: "catalog", folder: "catalog", stack: "Catalog",
		prepare: func(t *testing.T, r *running) {
			r.put(t, "PRODUCTS_TABLE_NAME", table.Item{"productId": table.Text("administrator#admin")})
			var all []any
			for n := range products {
				p := product(n, 1)
				all = append(all, map[string]any{"productId": p.ProductID, "name": p.Name, "description": p.Description, "category": p.Category, "price": p.Price, "stock": p.Stock})
			}
			r.client.As("admin").Post("/catalog/import", map[string]any{"products": all}).Expect(http.StatusOK, nil)
		},
		steps: []step{
			{count: 30, request: "GET /catalog/products?category=Category%201&limit=24"},
			{count: 210, request: "GET /catalog/products/p-{p}"}, // the product of a page, and those that are recommended on it
			{count: 10, request: "GET /catalog/categories"},
			{count: 30, request: "GET /catalog/prices?productId=p-1&productId=p-2&productId=p-3"},
			{count: 10, event: ordered},
		},
	},
	{
		name: "photos", folder: "photos", stack: "Photos",
		prepare: preparePhotos,
		steps: []step{
			{count: 670, request: "GET /photos/p-0"},
			{count: 600, request: "GET /photos/p-0/{photo}/small"},
			{count: 70, request: "GET /photos/p-0/{photo}/medium"},
			{count: 1, request: "POST /photos/p-1", user: "anna", body: `{"contentType": "image/jpeg", "alt": "A chair"}`},
			{count: 1, request: "POST /photos/p-1/{upload}/complete", user: "anna"},
		},
	},
	{
		name: "reviews", folder: "reviews", stack: "Reviews",
		prepare: func(_ *testing.T, r *running) {
			for n := range 20 {
				r.client.As(fmt.Sprint("u-", n)).Send("PUT", "/reviews/p-0", opinion).Expect(http.StatusCreated, nil)
			}
		},
		steps: []step{
			{count: 70, request: "GET /reviews/p-0/summary"},
			{count: 70, request: "GET /reviews/p-0?limit=10"},
			{count: 10, request: "GET /reviews/mine?productId=p-{p}", user: "new-{n}"},
			{count: 10, request: "PUT /reviews/p-{p}", user: "new-{n}", body: opinion},
		},
	},
	{
		name: "cart", folder: "cart", stack: "Cart",
		variables: func(r *running) map[string]string { return map[string]string{"CATALOG_URL": r.catalog} },
		prepare: func(_ *testing.T, r *running) {
			for n := range 3 {
				r.client.As("u-0").Send("PUT", fmt.Sprint("/cart/items/p-", n), `{"quantity": 1}`).Expect(http.StatusOK, nil)
			}
		},
		steps: []step{
			{count: 30, request: "GET /cart/items", user: "u-{n}"},
			{count: 30, request: "PUT /cart/items/p-1", user: "u-{n}", body: `{"quantity": 1}`},
			{count: 10, request: "POST /cart/merge", user: "u-{n}", body: `{"items": [{"productId": "p-1", "quantity": 1}]}`},
			{count: 10, request: "POST /cart/checkout", user: "u-{n}", key: "purchase-{n}"},
		},
	},
	{
		name: "orders", folder: "orders", stack: "Orders",
		prepare: func(t *testing.T, r *running) {
			for n := range 3 {
				_, checkout := checkedOut(n)
				of := checkout.(events.Checkout)
				of.UserID = "anna"
				r.store.publish(events.CartCheckedOut, of)
			}
			r.store.handled(t)
			var placed struct{ Items []struct{ OrderID string } }
			r.client.As("anna").Get("/orders/mine").Expect(http.StatusOK, &placed)
			r.names["{order}"] = placed.Items[0].OrderID
		},
		steps: []step{
			{count: 20, request: "GET /orders/mine?limit=10", user: "anna"},
			{count: 10, request: "GET /orders/{order}", user: "anna"},
			{count: 10, event: checkedOut},
		},
	},
	{
		name: "recommendations", folder: "recommendations", stack: "Recommendations",
		before: func(t *testing.T, r *running) {
			for n := range 300 {
				r.put(t, "SCORES_TABLE_NAME", table.Item{
					"productId": table.Text(fmt.Sprint("order#o-", n)), "relatedProductId": table.Text("fact"), "userId": table.Text(fmt.Sprint("u-", n%100)),
					"products": &types.AttributeValueMemberSS{Value: []string{fmt.Sprint("p-", n%products), fmt.Sprint("p-", (n+1)%products), fmt.Sprint("p-", (n+n%7+2)%products)}},
					"placedAt": table.Number(time.Now().Unix()), "expiresAt": table.ExpiresIn(100),
				}, table.Item{
					"productId": table.Text(fmt.Sprint("review#r-", n)), "relatedProductId": table.Text("fact"), "userId": table.Text(fmt.Sprint("u-", n%100)),
					"product": table.Text(fmt.Sprint("p-", n*11%products)), "stars": table.Number(int64(3 + n%3)), "version": table.Number(1),
				})
			}
			r.command(t, "rebuild")
		},
		steps: []step{
			{count: 70, request: "GET /recommendations/p-{p}?limit=10"},
			{count: 10, request: "GET /recommendations/liked?productId=p-1&productId=p-2&limit=10"},
			{count: 10, event: ordered},
			{count: 10, event: reviewed},
		},
	},
	{
		name: "search", folder: "search", stack: "Search",
		before: func(t *testing.T, r *running) {
			for n := range products {
				r.store.publish(changed(n))
			}
			for n := range 100 {
				r.store.publish(reviewed(n))
			}
			stop := r.start(t, "index")
			r.store.handled(t)
			stop()
		},
		steps: []step{
			{count: 40, request: "GET /search?q=raeding%20chair&limit=24"},
			{count: 80, request: "GET /search?q=chai&suggest=true&limit=5"},
			{count: 10, request: "GET /search?sort=stars&minStars=4&limit=8"},
		},
	},
	{
		name: "indexer", folder: "search", stack: "Search", arguments: []string{"index"},
		steps: []step{{count: 30, event: changed}, {count: 10, event: reviewed}},
	},
	{
		name: "login", folder: "login", stack: "Login",
		variables: func(r *running) map[string]string {
			pool := awstest.Deploy(r.t, "Identity")
			r.pool = pool.One("AWS::Cognito::UserPool")
			return map[string]string{"USER_POOL_ID": r.pool, "USER_POOL_CLIENT_ID": pool.One("AWS::Cognito::UserPoolClient"), "EVENT_BUS_NAME": "default"}
		},
		prepare: func(t *testing.T, r *running) {
			client := cognito.NewFromConfig(r.stack.AWS)
			created, err := client.AdminCreateUser(t.Context(), &cognito.AdminCreateUserInput{UserPoolId: &r.pool, Username: aws.String("user-0@example.com")})
			if err == nil {
				_, err = client.AdminSetUserPassword(t.Context(), &cognito.AdminSetUserPasswordInput{
					UserPoolId: &r.pool, Username: aws.String("user-0@example.com"), Password: aws.String("Correct-Horse-7"), Permanent: true,
				})
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, attribute := range created.User.Attributes {
				if *attribute.Name == "sub" {
					r.names["{sub}"] = *attribute.Value
				}
			}
			for range 2 { // the second time, the user is registered
				r.client.Send("POST", "/login/signin", `{"email": "user-0@example.com", "password": "Correct-Horse-7"}`).Expect(http.StatusOK, nil)
			}
		},
		steps: []step{
			{count: 10, request: "POST /login/signin", body: `{"email": "user-{n}@example.com", "password": "Correct-Horse-7"}`},
			{count: 10, request: "GET /login/me", user: "{sub}"},
		},
	},
}

func preparePhotos(t *testing.T, r *running) {
	r.put(t, "METADATA_TABLE_NAME", table.Item{"productId": table.Text("administrator#admin"), "photoId": table.Text("administrator")})
	files := s3.NewFromConfig(r.stack.AWS)
	picture := photograph()
	upload := func(product string) string {
		var started struct{ PhotoID string }
		r.client.As("anna").Post("/photos/"+product, map[string]string{"contentType": "image/jpeg", "alt": "A chair"}).Expect(http.StatusCreated, &started)
		_, err := files.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String(r.stack.Environment["ORIGINALS_BUCKET_NAME"]), Key: aws.String("uploads/" + started.PhotoID),
			Body: bytes.NewReader(picture), ContentType: aws.String("image/jpeg"),
		})
		if err != nil {
			t.Fatal(err)
		}
		return started.PhotoID
	}
	for range 3 {
		id := upload("p-0")
		r.client.As("anna").Post("/photos/p-0/"+id+"/complete", nil).Expect(http.StatusOK, nil)
		r.client.As("admin").Post("/photos/p-0/"+id+"/approve", nil).Expect(http.StatusOK, nil)
		r.names["{photo}"] = id
	}
	r.names["{upload}"] = upload("p-1")
}

// photograph is a picture of 12 megapixels with much detail, as a telephone takes it.
func photograph() []byte {
	noise := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	img := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			shade := uint8(noise.IntN(24))
			img.SetRGBA(x, y, color.RGBA{uint8(x/16) + shade, uint8(y/12) + shade, 100 + shade, 255})
		}
	}
	var encoded bytes.Buffer
	_ = jpeg.Encode(&encoded, img, &jpeg.Options{Quality: 85})
	return encoded.Bytes()
}

// put writes items past the service.
func (r *running) put(t *testing.T, variable string, items ...table.Item) {
	t.Helper()
	client := dynamodb.NewFromConfig(r.stack.AWS)
	for _, item := range items {
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.stack.Environment[variable]), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
}
