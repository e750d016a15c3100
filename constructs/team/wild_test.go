package team

import (
	"math/rand"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestWildTeams(t *testing.T) {
	words := []string{
		"checkout", "media", "checkout@example.com", "https://events.example.com", "https://%zz", "@", "a@", "https://",
		"arn:aws:sns:eu-central-1:111122223333:on-call", "arn:aws:sns:eu-west-1:111122223333:on-call",
	}
	r := rand.New(rand.NewSource(9))
	listed := []Team{{Name: "checkout", Email: "checkout@example.com"}, {Name: "media", TopicARN: "arn:aws:sns:eu-central-1:111122223333:on-call"}}
	for range 4000 {
		ref := expect.Wild[Ref](r, words...)
		expect.Explained(t, ref.Validate())
		if ref.Validate() != nil { // every environment that was set is valid
			ref = Ref{StackName: []string{"shop-teams", "other-teams"}[r.Intn(2)], Teams: listed[:r.Intn(3)]}
			expect.Problems(t, ref.Validate())
		}
		expect.Explained(t, ref.CheckOwner(expect.Wild[string](r, words...)))
		expect.Explained(t, expect.Wild[Props](r, words...).validate("shop-teams", "eu-central-1", ref))
	}
}
