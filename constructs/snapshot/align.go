package snapshot

import "slices"

// pair is an element of two lists: its index in each, or -1 in the one that does not have it.
type pair struct{ want, got int }

// align pairs the elements of two lists by their content: first those that are equal, as many as possible in the same order (the
// longest common subsequence), and between them those that are alike. So an element that is added or removed is one difference,
// and not one of each element after it.
func align(want, got []any) []pair {
	var pairs []pair
	i, j := 0, 0
	for _, equal := range append(common(want, got), pair{len(want), len(got)}) {
		pairs = append(pairs, alike(want, got, i, equal.want, j, equal.got)...)
		if equal.want < len(want) {
			pairs = append(pairs, equal)
		}
		i, j = equal.want+1, equal.got+1
	}
	return pairs
}

// common returns the longest common subsequence. A structure counts more than a scalar: what separates the parts of an Fn::Join
// is the same text each time.
func common(want, got []any) []pair {
	const scalar, structure = 1, 3
	a, b := encoded(want), encoded(got)
	best := make([][]int, len(a)+1) // of what begins at the indexes
	for i := range best {
		best[i] = make([]int, len(b)+1)
	}
	weight := func(i int) int {
		switch want[i].(type) {
		case map[string]any, []any:
			return structure
		}
		return scalar
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if a[i] == b[j] {
				best[i][j] = max(best[i][j], best[i+1][j+1]+weight(i))
			}
		}
	}
	var pairs []pair
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j] && best[i][j] == best[i+1][j+1]+weight(i):
			pairs = append(pairs, pair{i, j})
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			i++
		default:
			j++
		}
	}
	return pairs
}

func encoded(list []any) []string {
	texts := make([]string, len(list))
	for n, element := range list {
		texts[n] = string(encode(element, ""))
	}
	return texts
}

// alike pairs what is between two equal elements, want[i:iEnd] and got[j:jEnd], so that the differences are as few as possible.
// Structures that share less than half are not one that changed.
func alike(want, got []any, i, iEnd, j, jEnd int) []pair {
	const alone = 1.0 // the cost of an element that only one list has
	rows, columns := iEnd-i, jEnd-j
	cost := make([][]float64, rows+1) // of what begins at the indexes
	for r := range cost {
		cost[r] = make([]float64, columns+1)
	}
	differ := make([][]float64, rows)
	for r := rows; r >= 0; r-- {
		if r < rows {
			differ[r] = make([]float64, columns)
		}
		for c := columns; c >= 0; c-- {
			switch {
			case r == rows:
				cost[r][c] = alone * float64(columns-c)
			case c == columns:
				cost[r][c] = alone * float64(rows-r)
			default:
				differ[r][c] = difference(want[i+r], got[j+c])
				cost[r][c] = min(differ[r][c]+cost[r+1][c+1], alone+cost[r+1][c], alone+cost[r][c+1])
			}
		}
	}
	var pairs []pair
	r, c := 0, 0
	for r < rows || c < columns {
		switch {
		case r < rows && c < columns && cost[r][c] == differ[r][c]+cost[r+1][c+1]:
			pairs = append(pairs, pair{i + r, j + c})
			r, c = r+1, c+1
		case r < rows && cost[r][c] == alone+cost[r+1][c]:
			pairs = append(pairs, pair{i + r, -1})
			r++
		default:
			pairs = append(pairs, pair{-1, j + c})
			c++
		}
	}
	return slices.Clip(pairs)
}

// difference is the cost of a pair: more than that of two elements alone if they are not one element that changed.
func difference(a, b any) float64 {
	const unlike, changed = 3.0, 1.9
	_, aMap := a.(map[string]any)
	_, bMap := b.(map[string]any)
	_, aList := a.([]any)
	_, bList := b.([]any)
	switch {
	case aMap != bMap || aList != bList:
		return unlike
	case !aMap && !aList:
		return changed
	}
	if shared := similarity(a, b); shared >= 0.5 {
		return 2 * (1 - shared)
	}
	return unlike
}
