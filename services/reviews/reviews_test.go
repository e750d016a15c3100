package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/reviews/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

func start(t *testing.T) (*awstest.Client, awstest.Stack) {
	stack := awstest.Deploy(t, "Reviews")
	return awstest.Start(t, stack, nil, spec, run), stack
}

func published(t *testing.T, stack awstest.Stack) []events.Review {
	t.Helper()
	all := awstest.Outbox[events.Review](t, stack, stack.Environment["REVIEWS_TABLE_NAME"], events.ReviewPosted)
	slices.SortFunc(all, func(a, b events.Review) int { return int(a.Version - b.Version) })
	return all
}

func written(stars int, title string) api.Opinion { return api.Opinion{Stars: stars, Title: &title} }

func TestAReviewIsWrittenChangedAndDeleted(t *testing.T) {
	reviews, stack := start(t)
	ada := reviews.As("ada")
	var posted, same, edited api.Review
	opinion := written(2, "Dim")
	name := "Ada"
	opinion.AuthorName = &name
	ada.Put("/reviews/lamp", opinion).Expect(http.StatusCreated, &posted)
	ada.Put("/reviews/lamp", opinion).Expect(http.StatusOK, &same)
	if diff := cmp.Diff(posted, same); diff != "" || posted.Version != 1 || *posted.AuthorName != "Ada" {
		t.Errorf("the same again is no change: %+v, %s", posted, diff)
	}
	ada.Put("/reviews/lamp", written(5, "Bright")).Expect(http.StatusOK, &edited)
	if edited.Version != 2 || edited.EditedAt == nil || edited.ReviewID != posted.ReviewID || !edited.PostedAt.Equal(posted.PostedAt) || edited.AuthorName != nil {
		t.Errorf("got %+v after %+v", edited, posted)
	}
	expectSummary(t, reviews, "lamp", 0, 0, 0, 0, 1)

	var mine struct{ Items []api.Review }
	ada.Get("/reviews/mine?productId=lamp").Expect(http.StatusOK, &mine)
	if diff := cmp.Diff([]api.Review{edited}, mine.Items); diff != "" {
		t.Errorf("mine (-want +got):\n%s", diff)
	}
	reviews.As("bob").Delete("/reviews/lamp").Expect(http.StatusNoContent, nil)
	expectSummary(t, reviews, "lamp", 0, 0, 0, 0, 1)
	ada.Delete("/reviews/lamp").Expect(http.StatusNoContent, nil)
	ada.Delete("/reviews/lamp").Expect(http.StatusNoContent, nil)
	expectSummary(t, reviews, "lamp", 0, 0, 0, 0, 0)
	for _, path := range []string{"/reviews/mine", "/reviews/mine?productId=lamp", "/reviews/lamp"} {
		ada.Get(path).Expect(http.StatusOK, &mine)
		if len(mine.Items) > 0 {
			t.Errorf("%s has %+v", path, mine.Items)
		}
	}

	event := events.Review{ReviewID: posted.ReviewID, ProductID: "lamp", AuthorID: "ada", Version: 1, Stars: 2, Title: "Dim", PostedAt: posted.PostedAt}
	second, third := event, event
	second.Version, second.Stars, second.Title = 2, 5, "Bright"
	third.Version, third.Stars, third.Title, third.Withdrawn = 3, 5, "", true
	if diff := cmp.Diff([]events.Review{event, second, third}, published(t, stack)); diff != "" {
		t.Errorf("each change is an event (-want +got):\n%s", diff)
	}

	var again api.Review
	ada.Put("/reviews/lamp", written(4, "")).Expect(http.StatusCreated, &again)
	if again.ReviewID == posted.ReviewID {
		t.Error("a review after a deleted one has its ID: its versions would be lower than those that subscribers have")
	}
}

func TestListsAreNewestFirstPageByPage(t *testing.T) {
	reviews, _ := start(t)
	var byProduct, byAuthor []string
	for n := range 7 {
		var r api.Review
		reviews.As(fmt.Sprint("user-", n)).Put("/reviews/lamp", written(3, "")).Expect(http.StatusCreated, &r)
		byProduct = append([]string{r.ReviewID}, byProduct...)
		reviews.As("ada").Put(fmt.Sprint("/reviews/p-", n), written(3, "")).Expect(http.StatusCreated, &r)
		byAuthor = append([]string{r.ReviewID}, byAuthor...)
	}
	if diff := cmp.Diff(byProduct, list(reviews, "/reviews/lamp?limit=3")); diff != "" {
		t.Errorf("of a product (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(byAuthor, list(reviews.As("ada"), "/reviews/mine?limit=2")); diff != "" {
		t.Errorf("of a user (-want +got):\n%s", diff)
	}
	reviews.Get("/reviews/lamp?cursor=e30").ExpectProblem(http.StatusBadRequest, "cursor must be the nextCursor of the page before")
	// {"productId":"lamp","reviewId":"author#ada"}: who reviewed what is not to be found by a cursor that somebody made.
	reviews.Get("/reviews/lamp?cursor=eyJwcm9kdWN0SWQiOiJsYW1wIiwicmV2aWV3SWQiOiJhdXRob3IjYWRhIn0").ExpectProblem(http.StatusBadRequest, "cursor must be")
}

func TestWhatNeedsAUserAndWhatIsRefused(t *testing.T) {
	reviews, _ := start(t)
	reviews.Put("/reviews/lamp", written(1, "")).ExpectProblem(http.StatusUnauthorized, "sign in first")
	reviews.Delete("/reviews/lamp").ExpectProblem(http.StatusUnauthorized, "sign in first")
	reviews.Get("/reviews/mine").ExpectProblem(http.StatusUnauthorized, "sign in first")
	reviews.As("ada").Put("/reviews/lamp", written(6, "")).ExpectProblem(http.StatusBadRequest, `"field":"/stars"`)
	reviews.As("ada").Put("/reviews/a%23b", written(1, "")).ExpectProblem(http.StatusBadRequest, `"field":"productId"`)
	expectSummary(t, reviews, "never", 0, 0, 0, 0, 0)
}

// Many users write, change and delete at once, some of them in two windows. The summary, the list and the events must agree after it.
func TestTheSummaryIsRightWhoeverWritesAtOnce(t *testing.T) {
	reviews, stack := start(t)
	var all sync.WaitGroup
	for n := range 12 {
		user := reviews.As(fmt.Sprint("user-", n%8)) // four of them twice
		random := rand.New(rand.NewPCG(uint64(n), 7))
		all.Go(func() {
			for range 12 {
				if random.IntN(4) == 0 {
					user.Delete("/reviews/lamp").Expect(http.StatusNoContent, nil)
				} else if got := user.Put("/reviews/lamp", written(1+random.IntN(5), fmt.Sprint(random.Int()))); got.Status > http.StatusCreated {
					got.Expect(http.StatusOK, nil)
				}
			}
		})
	}
	all.Wait()

	var page struct{ Items []api.Review }
	reviews.Get("/reviews/lamp?limit=100").Expect(http.StatusOK, &page)
	var want [5]int
	for _, r := range page.Items {
		want[r.Stars-1]++
	}
	expectSummary(t, reviews, "lamp", want[:]...)

	authors, versions, last := map[string]int{}, map[string]int64{}, map[string]events.Review{}
	for _, e := range published(t, stack) {
		if e.Version != versions[e.ReviewID]+1 {
			t.Errorf("the event of version %d of %s follows that of version %d", e.Version, e.ReviewID, versions[e.ReviewID])
		}
		versions[e.ReviewID], last[e.ReviewID] = e.Version, e
	}
	var fromEvents [5]int
	for _, e := range last {
		if !e.Withdrawn {
			fromEvents[e.Stars-1]++
			authors[e.AuthorID]++
		}
	}
	if fromEvents != want {
		t.Errorf("by the events there are %v reviews, by the list %v", fromEvents, want)
	}
	for author, n := range authors {
		if n != 1 {
			t.Errorf("%s has %d reviews", author, n)
		}
	}
	if len(versions) < 8 {
		t.Errorf("only %d reviews were written", len(versions))
	}
}

func expectSummary(t *testing.T, reviews *awstest.Client, product string, histogram ...int) {
	t.Helper()
	count, sum := 0, 0
	for n, of := range histogram {
		count += of
		sum += (n + 1) * of
	}
	want := api.Summary{ProductID: product, Histogram: histogram, Count: count}
	if count > 0 {
		want.Average = float64(sum) / float64(count)
	}
	var got api.Summary
	reviews.Get("/reviews/"+product+"/summary").Expect(http.StatusOK, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

// list returns the IDs of all pages.
func list(reviews *awstest.Client, first string) []string {
	var ids []string
	for path := first; path != ""; {
		var page struct {
			Items      []api.Review
			NextCursor *string
		}
		reviews.Get(path).Expect(http.StatusOK, &page)
		for _, r := range page.Items {
			ids = append(ids, r.ReviewID)
		}
		path = ""
		if page.NextCursor != nil {
			path = first + "&cursor=" + *page.NextCursor
		}
	}
	return ids
}
