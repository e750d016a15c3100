package shop

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// testTourInABrowser takes the tour of the page in web/test, which skips itself with a line where there is no browser.
func testTourInABrowser(t *testing.T) {
	needs(t, "login", "catalog", "cart", "orders", "reviews", "photos", "search", "recommendations")
	web, err := filepath.Abs("../../../web")
	if err != nil {
		t.Fatal(err)
	}
	tour := exec.Command("npm", "--prefix", web, "run", "--silent", "tour")
	tour.Env = append(os.Environ(), "SHOP_URL="+shop.URL)
	tour.Stdout, tour.Stderr = os.Stdout, os.Stderr
	if err := tour.Run(); err != nil {
		t.Errorf("npm run tour: %v; what the pages looked like is in web/screenshots", err)
	}
}
