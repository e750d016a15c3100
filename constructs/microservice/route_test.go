package microservice

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestRoutePaths(t *testing.T) {
	const (
		noSlash  = "must start with a slash, such as /cart/{proxy+}"
		empty    = "must not have an empty segment or end in a slash"
		braces   = "must close each brace in the segment that opens it"
		whole    = "must have variables as whole segments, such as {id} or {proxy+}"
		greedy   = "must have its greedy variable {proxy+} last"
		letters  = "must be of letters, digits and .~!$&'()*+,;=:@-_, not "
		variable = "must name variables by letters, digits and ._-, such as {id} or {proxy+}, not "
	)
	for path, want := range map[string]string{
		"/":                         "",
		"/cart":                     "",
		"/cart/{id}":                "",
		"/cart/{id}/items/{item}":   "",
		"/{proxy+}":                 "",
		"/cart/{id}/{proxy+}":       "",
		"/{a.b_c-1}/x":              "",
		"/v1.0/~a-b_c!$&'()*+,;=:@": "",
		"/cart/id+":                 "",
		"":                          noSlash,
		"cart":                      noSlash,
		"{proxy+}":                  noSlash,
		"https://shop.example.com":  noSlash + "\n" + empty,
		"cart/{proxy+}/x":           noSlash + "\n" + greedy,
		"cart/{id/a b//{id}s":       noSlash + "\n" + braces + "\n" + letters + `"a b"` + "\n" + empty + "\n" + whole,
		"/a b/c d/a b":              letters + `"a b"` + "\n" + letters + `"c d"`,
		"//":                        empty,
		"/cart/":                    empty,
		"/cart//items":              empty,
		"//cart":                    empty,
		"/{proxy+}/":                greedy + "\n" + empty,
		"/{proxy+}/items":           greedy,
		"/{proxy+}/{id}":            greedy,
		"/{proxy+}/{proxy+}":        greedy + "\nmust name each variable once, not {proxy} twice",
		"/cart/{id":                 braces,
		"/cart/id}":                 braces,
		"/{cart/id}":                braces,
		"/{{id}":                    braces,
		"/cart/{id}s":               whole,
		"/cart/v{id}":               whole,
		"/cart/{a}{b}":              whole,
		"/cart/}id{":                whole,
		"/{a{b}}":                   whole,
		"/{id}/{id}":                "must name each variable once, not {id} twice",
		"/{id}/a/{id+}":             "must name each variable once, not {id} twice",
		"/cart/{}":                  variable + "{}",
		"/cart/{+}":                 variable + "{+}",
		"/cart/{my id}":             variable + "{my id}",
		"/cart/{id*}":               variable + "{id*}",
		"/cart/{proxy++}":           variable + "{proxy++}",
		"/my cart":                  letters + `"my cart"`,
		"/cart?id=1":                letters + `"cart?id=1"`,
		"/cart#items":               letters + `"cart#items"`,
		"/a%20b":                    letters + `"a%20b"`,
		"/größe":                    letters + `"größe"`,
		"/cart\\items":              letters + `"cart\\items"`,
		"/cart\n":                   letters + `"cart\n"`,
	} {
		t.Run(path, func(t *testing.T) { expect.Problems(t, validatePath(path), want) })
	}
}

func TestRouteProblems(t *testing.T) {
	const (
		methods = "Routes[3].Methods must be of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, or empty for all, got "
		scopes  = `Routes[3].Scopes must be 1 to 64 characters of ASCII without spaces, quotation marks and backslashes, such as "orders/read", got `
	)
	longest := strings.Repeat("s", 64)
	cases := map[string]struct {
		route Route
		want  []string
	}{
		"all methods":   {Route{Path: "/cart"}, nil},
		"every method":  {Route{Path: "/cart", Methods: []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}}, nil},
		"lower case":    {Route{Path: "/cart", Methods: []string{"get"}}, []string{methods + `"get"`}},
		"API Gateway's": {Route{Path: "/cart", Methods: []string{"ANY"}}, []string{methods + `"ANY"`}},
		"no method":     {Route{Path: "/cart", Methods: []string{""}}, []string{methods + `""`}},
		"a method twice": {
			Route{Path: "/cart", Methods: []string{"GET", "POST", "GET"}}, []string{"Routes[3].Methods must name each method once, got GET twice"},
		},
		"two problems of a path": {Route{Path: "cart/{proxy+}/x"}, []string{
			`Routes[3].Path must start with a slash, such as /cart/{proxy+}, got "cart/{proxy+}/x"`,
			`Routes[3].Path must have its greedy variable {proxy+} last, got "cart/{proxy+}/x"`,
		}},
		"scopes": {Route{Path: "/cart", Scopes: []string{"orders/read", "https://api.example.com/orders.write", "a:b", "!#[]~", longest}}, nil},
		"scopes of a public route": {Route{Path: "/cart", Public: true, Scopes: []string{"orders/read"}}, []string{
			`Routes[3].Scopes need a route that is not Public, since they are in the caller's token, got ["orders/read"] with Public: remove one of the two`,
		}},
		"scopes as one string": {Route{Path: "/cart", Scopes: []string{"orders/read orders/write"}}, []string{scopes + `"orders/read orders/write"`}},
		"an empty scope":       {Route{Path: "/cart", Scopes: []string{""}}, []string{scopes + `""`}},
		"a scope in quotes":    {Route{Path: "/cart", Scopes: []string{`"a"`}}, []string{scopes + `"\"a\""`}},
		"a scope of a path":    {Route{Path: "/cart", Scopes: []string{`a\b`}}, []string{scopes + `"a\\b"`}},
		"a scope not in ASCII": {Route{Path: "/cart", Scopes: []string{"größe"}}, []string{scopes + `"größe"`}},
		"too long a scope":     {Route{Path: "/cart", Scopes: []string{longest + "s"}}, []string{scopes + `"` + longest + `s"`}},
		"a scope twice": {Route{Path: "/cart", Scopes: []string{"a", "b", "a"}}, []string{
			`Routes[3].Scopes must name each scope once, got "a" twice`,
		}},
		"as many scopes as there may be": {Route{Path: "/cart", Scopes: strings.Split("a b c d e f g h i j", " ")}, nil},
		"too many scopes":                {Route{Path: "/cart", Scopes: strings.Split("a b c d e f g h i j k", " ")}, []string{"Routes[3].Scopes must be at most 10, got 11"}},
		"no path":                        {Route{}, []string{`Routes[3].Path must start with a slash, such as /cart/{proxy+}, got ""`}},
		"everything": {Route{Path: "/a/", Methods: []string{"PUT", "TRACE", "PUT"}}, []string{
			methods + `"TRACE"`,
			"Routes[3].Methods must name each method once, got PUT twice",
			`Routes[3].Path must not have an empty segment or end in a slash, got "/a/"`,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.route.validate(3), c.want...) })
	}
}

func TestParseRoutes(t *testing.T) {
	read := []string{"GET", "HEAD"}
	cases := map[string]struct {
		routes []Route
		want   []string // and those that are public have a star
	}{
		"none":                    {nil, nil},
		"all methods":             {[]Route{{Path: "/cart"}}, []string{"ANY /cart"}},
		"by method":               {[]Route{{Path: "/cart", Methods: read, Public: true}}, []string{"GET /cart *", "HEAD /cart *"}},
		"greedy answers its stem": {[]Route{{Path: "/cart/{proxy+}"}}, []string{"ANY /cart/{proxy+}", "ANY /cart"}},
		"greedy answers the root": {[]Route{{Path: "/{proxy+}"}}, []string{"ANY /{proxy+}", "ANY /"}},
		"stem with a variable":    {[]Route{{Path: "/cart/{id}/{rest+}"}}, []string{"ANY /cart/{id}/{rest+}", "ANY /cart/{id}"}},
		"stem by method and for all": {
			[]Route{{Path: "/photos/{proxy+}", Methods: read, Public: true}, {Path: "/photos/{proxy+}"}},
			[]string{"GET /photos/{proxy+} *", "HEAD /photos/{proxy+} *", "ANY /photos/{proxy+}", "GET /photos *", "HEAD /photos *", "ANY /photos"},
		},
		"explicit stem wins": {
			[]Route{{Path: "/cart/{proxy+}", Public: true}, {Path: "/cart"}},
			[]string{"ANY /cart/{proxy+} *", "ANY /cart"},
		},
		"explicit stem with another variable wins": {
			[]Route{{Path: "/cart/{id}/{proxy+}", Public: true}, {Path: "/cart/{cart}"}},
			[]string{"ANY /cart/{id}/{proxy+} *", "ANY /cart/{cart}"},
		},
		"explicit stem for all methods wins over one method": {
			[]Route{{Path: "/photos"}, {Path: "/photos/{proxy+}", Methods: read, Public: true}},
			[]string{"ANY /photos", "GET /photos/{proxy+} *", "HEAD /photos/{proxy+} *"},
		},
		"explicit stem by method leaves the others": {
			[]Route{{Path: "/photos", Methods: []string{"GET"}, Public: true}, {Path: "/photos/{proxy+}"}},
			[]string{"GET /photos *", "ANY /photos/{proxy+}", "ANY /photos"},
		},
		"one stem of two": {
			[]Route{{Path: "/cart/{a+}", Methods: []string{"GET"}}, {Path: "/cart/{b+}", Methods: []string{"PUT"}}},
			[]string{"GET /cart/{a+}", "PUT /cart/{b+}", "GET /cart", "PUT /cart"},
		},
		"literal beside variable": {[]Route{{Path: "/cart/{id}"}, {Path: "/cart/id"}}, []string{"ANY /cart/{id}", "ANY /cart/id"}},
		"greedy beside variable": {
			[]Route{{Path: "/cart/{id}"}, {Path: "/cart/{id+}"}},
			[]string{"ANY /cart/{id}", "ANY /cart/{id+}", "ANY /cart"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all, err := parseRoutes(c.routes)
			expect.Problems(t, err)
			var got []string
			for _, e := range all {
				key := e.key()
				if e.public {
					key += " *"
				}
				got = append(got, key)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("endpoints (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRoutesTwice(t *testing.T) {
	cases := map[string]struct {
		routes []Route
		want   []string
	}{
		"same path": {
			[]Route{{Path: "/cart"}, {Path: "/cart", Public: true}},
			[]string{"Routes[1]: ANY /cart is already a route of this service, as ANY /cart"},
		},
		"one of the methods": {
			[]Route{{Path: "/cart", Methods: []string{"GET", "PUT"}}, {Path: "/other"}, {Path: "/cart", Methods: []string{"PUT", "POST"}}},
			[]string{"Routes[2]: PUT /cart is already a route of this service, as PUT /cart"},
		},
		"names of variables do not count": {
			[]Route{{Path: "/a/{id}/{rest+}"}, {Path: "/a/{x}/{y+}"}},
			[]string{"Routes[1]: ANY /a/{x}/{y+} is already a route of this service, as ANY /a/{id}/{rest+}"},
		},
		"each one": {
			[]Route{{Path: "/a"}, {Path: "/a"}, {Path: "/a"}},
			[]string{
				"Routes[1]: ANY /a is already a route of this service, as ANY /a",
				"Routes[2]: ANY /a is already a route of this service, as ANY /a",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := parseRoutes(c.routes)
			expect.Problems(t, err, c.want...)
		})
	}
}

// Whatever is legal must expand without a problem, into paths that are legal too.
func FuzzValidatePath(f *testing.F) {
	for _, seed := range []string{"/", "/cart/{id}/{proxy+}", "cart", "//", "/{", "/}{", "/{+}", "/{a}/{a}", "/ü", "/{a+}/b", "{a+}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if validatePath(path) != nil {
			return
		}
		all, err := parseRoutes([]Route{{Path: path}})
		expect.Problems(t, err)
		for _, e := range all {
			expect.Problems(t, validatePath(e.path))
		}
		if greedy := strings.HasSuffix(path, "+}"); len(all) != 1 && !greedy || len(all) != 2 && greedy {
			t.Errorf("%q expands to %v", path, all)
		}
	})
}

func TestPreflights(t *testing.T) {
	for name, test := range map[string]struct {
		routes []Route
		want   string
	}{
		"all methods":            {[]Route{{Path: "/cart/{proxy+}"}}, "OPTIONS /cart/{proxy+}, OPTIONS /cart"},
		"all methods, public":    {[]Route{{Path: "/login", Public: true}}, "OPTIONS /login"},
		"methods by name":        {[]Route{{Path: "/search", Methods: []string{"GET"}, Public: true}}, ""},
		"OPTIONS of one's own":   {[]Route{{Path: "/cart"}, {Path: "/cart", Methods: []string{"OPTIONS"}}}, ""},
		"OPTIONS, other's names": {[]Route{{Path: "/cart/{id}"}, {Path: "/cart/{item}", Methods: []string{"OPTIONS"}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := parseRoutes(test.routes)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, e := range preflights(all) {
				keys = append(keys, e.key())
				if !e.public {
					t.Errorf("%s requires a token, which browsers do not send with a preflight request", e.key())
				}
			}
			if got := strings.Join(keys, ", "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
