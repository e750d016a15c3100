package readback

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// blind returns the scalars of the template that pass the comparison with any value: it changes one after the other and
// compares again.
func blind(kind string, m marks, want, got map[string]any) (changed int, unseen []string) {
	eachScalar("", want, func(path string, scalar any, set func(any)) {
		set(text(scalar) + "~")
		c := compare(kind, m, want, got)
		set(scalar)
		if slices.ContainsFunc(c.untold, func(untold string) bool {
			return pattern(path) == pattern(untold) || strings.HasPrefix(pattern(path), pattern(untold)+".")
		}) {
			return
		}
		changed++
		if len(c.differences) == 0 {
			unseen = append(unseen, path)
		}
	})
	return changed, unseen
}

func eachScalar(path string, value any, visit func(path string, scalar any, set func(any))) {
	step := func(path string, child any, set func(any)) {
		switch child.(type) {
		case map[string]any, []any:
			eachScalar(path, child, visit)
		default:
			visit(path, child, set)
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			at := key
			if path != "" {
				at = path + "." + key
			}
			step(at, value[key], func(other any) { value[key] = other })
		}
	case []any:
		for i, element := range value {
			step(path+"["+strconv.Itoa(i)+"]", element, func(other any) { value[i] = other })
		}
	}
}
