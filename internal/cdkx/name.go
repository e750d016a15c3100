package cdkx

import (
	"strings"
	"unicode"
)

// Kebab converts a construct's ID to lower-case words joined by hyphens: "OrderHistory" becomes "order-history".
func Kebab(id string) string { return strings.ToLower(strings.Join(words(id), "-")) }

// ScreamingSnake converts a construct's ID to upper-case words joined by underscores: "OrderHistory" becomes
// "ORDER_HISTORY".
func ScreamingSnake(id string) string { return strings.ToUpper(strings.Join(words(id), "_")) }

// words splits between a lower-case letter or digit and an upper-case letter, before the last letter of a run of
// upper-case ones that a word follows ("HTTPServer" is "HTTP", "Server"), and at every other character.
func words(id string) []string {
	var all []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			all = append(all, string(word))
			word = nil
		}
	}
	runes := []rune(id)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if i > 0 && unicode.IsUpper(r) {
			afterLower := !unicode.IsUpper(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return all
}

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
