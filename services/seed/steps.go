package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamo "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// person is a user of the shop.
type person struct{ email, name string }

// password is that of all users. The one of the sandbox is published, so a shop that strangers can reach needs another.
var password = cmp.Or(os.Getenv("SEED_PASSWORD"), "Storefront-2026!")

// people are the users. The first one is the operator.
var people = []person{
	{"operator@example.com", "Olivia"},
	{"ada@example.com", "Ada"},
	{"grace@example.com", "Grace"},
	{"alan@example.com", "Alan"},
	{"mary@example.com", "Mary"},
	{"edsger@example.com", "Edsger"},
	{"barbara@example.com", "Barbara"},
	{"ken@example.com", "Ken"},
	{"radia@example.com", "Radia"},
}

func (s *shop) users(ctx context.Context, _ []product) error {
	for _, p := range people {
		_, err := s.cognito.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
			UserPoolId: &s.pool, Username: &p.email, MessageAction: cognito.MessageActionTypeSuppress,
			UserAttributes: []cognito.AttributeType{{Name: aws.String("email"), Value: &p.email}, {Name: aws.String("email_verified"), Value: aws.String("true")}},
		})
		if exists := new(cognito.UsernameExistsException); err != nil && !errors.As(err, &exists) {
			return err
		}
		_, err = s.cognito.AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{
			UserPoolId: &s.pool, Username: &p.email, Password: aws.String(password), Permanent: true,
		})
		if err != nil {
			return err
		}
		var session struct{ IDToken string }
		if err := s.ask(ctx, "", http.MethodPost, "/login/signin", map[string]string{"email": p.email, "password": password}, &session); err != nil {
			return err
		}
		s.tokens[p.email] = session.IDToken
		if err := s.ask(ctx, p.email, http.MethodPut, "/login/me", map[string]string{"name": p.name}, nil); err != nil {
			return err
		}
	}
	var me struct{ UserID string }
	if err := s.ask(ctx, people[0].email, http.MethodGet, "/login/me", nil, &me); err != nil {
		return err
	}
	return s.appoint(ctx, me.UserID)
}

// appoint makes a user the administrator of the catalog and of the photos, by the items that their tables have for it.
func (s *shop) appoint(ctx context.Context, userID string) error {
	text := func(value string) dynamo.AttributeValue { return &dynamo.AttributeValueMemberS{Value: value} }
	for _, item := range []*dynamodb.PutItemInput{
		{TableName: aws.String(s.tables["catalog"]), Item: map[string]dynamo.AttributeValue{"productId": text("administrator#" + userID)}},
		{TableName: aws.String(s.tables["photos"]), Item: map[string]dynamo.AttributeValue{"productId": text("administrator#" + userID), "photoId": text("administrator")}},
	} {
		if _, err := s.dynamo.PutItem(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

// stock is the number of pieces of each product: nobody is to buy the last one while trying out the shop.
const stock = 1000

func (s *shop) products(ctx context.Context, goods []product) error {
	type money struct {
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	}
	var all []map[string]any
	for _, p := range goods {
		all = append(all, map[string]any{
			"productId": p.ID, "name": p.Name, "description": p.Description, "category": p.Category, "price": money{p.Cents, "EUR"}, "stock": stock,
		})
	}
	return s.ask(ctx, people[0].email, http.MethodPost, "/catalog/import", map[string]any{"products": all}, nil)
}

func (s *shop) photos(ctx context.Context, goods []product) error {
	return each(goods, func(_ int, p product) error {
		var there struct{ Items []any }
		if err := s.ask(ctx, "", http.MethodGet, "/photos/"+p.ID, nil, &there); err != nil || len(there.Items) > 0 {
			return err
		}
		var upload struct {
			PhotoID, URL string
			Fields       map[string]string
		}
		description := map[string]string{"contentType": "image/jpeg", "alt": p.Name, "credit": p.Credit}
		if err := s.ask(ctx, people[0].email, http.MethodPost, "/photos/"+p.ID, description, &upload); err != nil {
			return err
		}
		if err := s.upload(ctx, upload.URL, upload.Fields, p.Photo); err != nil {
			return fmt.Errorf("%s: %w", p.ID, err)
		}
		for _, verb := range []string{"/complete", "/approve"} {
			if err := s.ask(ctx, people[0].email, http.MethodPost, "/photos/"+p.ID+"/"+upload.PhotoID+verb, nil, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// upload sends a file to the presigned form, as a browser does.
func (s *shop) upload(ctx context.Context, url string, fields map[string]string, file []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			return err
		}
	}
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="photo.jpg"`}, "Content-Type": {"image/jpeg"},
	})
	if err != nil {
		return err
	}
	if _, err := part.Write(file); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode >= 300 {
		return fmt.Errorf("upload to %s: %s: %s", url, response.Status, text)
	}
	return nil
}

// opinions are what people write, by the number of stars.
var opinions = map[int][][2]string{
	5: {
		{"Exactly what I wanted", "I had looked for one like this for months. It is well made, and I use it every day."},
		{"I would buy it again", "My second one. The first was a present, and I missed it at once."},
		{"Better than in the picture", "The photo does not do it justice. It arrived in two days, well packed."},
		{"A present that was loved", "Bought for my brother's birthday, who has talked of nothing else since."},
	},
	4: {
		{"Good, and it arrived early", "Does its work without any fuss. One star less for the thin manual."},
		{"Does what it says", "No surprises, which is how I like it."},
		{"Very good for the price", "There are better ones, at three times the price."},
	},
	3: {
		{"It is all right", "Fine for now and then. I would not want to depend on it."},
		{"I expected more", "From the description I thought that it would be sturdier."},
	},
	2: {
		{"Not what I had in mind", "It works, but it is not for me. Sent it back without trouble."},
		{"Smaller than it looks", "Read the measures before you buy, which I did not."},
	},
}

// stars are given more often the better they are.
var stars = []int{5, 4, 5, 3, 4, 5, 5, 2, 4, 5}

func (s *shop) reviews(ctx context.Context, goods []product) error {
	return each(goods, func(n int, p product) error {
		var there struct{ Count int }
		if err := s.ask(ctx, "", http.MethodGet, "/reviews/"+p.ID+"/summary", nil, &there); err != nil || there.Count > 0 {
			return err
		}
		for k := range 2 + n%4 {
			author, given := people[1+(n+3*k)%(len(people)-1)], stars[(3*n+7*k)%len(stars)]
			said := opinions[given]
			title, text := said[(n+k)%len(said)][0], said[(n+k)%len(said)][1]
			review := map[string]any{"stars": given, "title": title, "text": text, "authorName": author.name}
			if err := s.ask(ctx, author.email, http.MethodPut, "/reviews/"+p.ID, review, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// orders buys for each person some products of the same category, so that there is something that is bought together.
func (s *shop) orders(ctx context.Context, goods []product) error {
	byCategory := map[string][]product{}
	var categories []string
	for _, p := range goods {
		if byCategory[p.Category] == nil {
			categories = append(categories, p.Category)
		}
		byCategory[p.Category] = append(byCategory[p.Category], p)
	}
	return each(people[1:], func(n int, buyer person) error {
		var there struct{ Items []any }
		if err := s.ask(ctx, buyer.email, http.MethodGet, "/orders/mine", nil, &there); err != nil || len(there.Items) > 0 {
			return err
		}
		for k := range 3 {
			shelf := byCategory[categories[(n+k)%len(categories)]]
			for j := range 3 {
				item := shelf[(n/2+j)%len(shelf)]
				if err := s.ask(ctx, buyer.email, http.MethodPut, "/cart/items/"+item.ID, map[string]int{"quantity": 1 + (n+j)%2}, nil); err != nil {
					return err
				}
			}
			key := fmt.Sprintf("seed-%d-%d-0000", n, k)
			if err := s.ask(ctx, buyer.email, http.MethodPost, "/cart/checkout", map[string]any{}, nil, "Idempotency-Key", key); err != nil {
				return err
			}
		}
		return nil
	})
}
