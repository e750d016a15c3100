package cdkx

import "strings"

// Kebab converts a construct's ID to lower-case words joined by hyphens: "OrderHistory" becomes "order-history".
func Kebab(id string) string { return strings.ToLower(strings.Join(words(id), "-")) }

// ScreamingSnake converts a construct's ID to upper-case words joined by underscores: "OrderHistory" becomes
// "ORDER_HISTORY".
func ScreamingSnake(id string) string { return strings.ToUpper(strings.Join(words(id), "_")) }

// Pascal joins words that are separated by hyphens, for the beginning of an output's name: "team-a" becomes "TeamA".
func Pascal(name string) string {
	var joined strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		if word != "" {
			joined.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return joined.String()
}
