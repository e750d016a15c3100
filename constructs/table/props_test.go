package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	for given, want := range map[Capacity]Capacity{
		{}:                                 {},
		{1, 2, 3, 4, 0}:                    {1, 2, 3, 4, 70},
		{1, 2, 3, 4, 50}:                   {1, 2, 3, 4, 50},
		{MinRead: 1}:                       {MinRead: 1, TargetPercent: 70},
		{MaxWrite: -1}:                     {MaxWrite: -1, TargetPercent: 70},
		{TargetPercent: 90}:                {TargetPercent: 90},
		{1, 1, 1, 1, defaultTargetPercent}: {1, 1, 1, 1, 70},
	} {
		if got := (Props{Capacity: given}).withDefaults().Capacity; got != want {
			t.Errorf("%+v: got %+v, want %+v", given, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	const stream = "Stream must be one of the table package's constants, got "
	manyIndexes := func(n int) (all []Index) {
		for i := range n {
			all = append(all, Index{Name: fmt.Sprintf("by-%d", i), PartitionKey: String("status")})
		}
		return all
	}
	cases := map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":               {func(*Props) {}, nil},
		"partition key alone": {func(p *Props) { *p = Props{PartitionKey: Binary("id")} }, nil},
		"20 indexes":          {func(p *Props) { p.Indexes = manyIndexes(20) }, nil},
		"21 indexes":          {func(p *Props) { p.Indexes = manyIndexes(21) }, []string{"Indexes must be at most 20, got 21"}},
		"100 attributes":      {func(p *Props) { p.Indexes = wide(5) }, nil},
		"120 attributes": {
			func(p *Props) { p.Indexes = wide(6) },
			[]string{"Indexes must have at most 100 Attributes in all, got 120: leave Attributes empty to project all"},
		},
		"last stream":           {func(p *Props) { p.Stream = KeysOnly }, nil},
		"no such stream":        {func(p *Props) { p.Stream = 5 }, []string{stream + "5"}},
		"a negative stream":     {func(p *Props) { p.Stream = -1 }, []string{stream + "-1"}},
		"a choice that is none": {func(p *Props) { p.Retain = 3 }, []string{"Retain must be profile.On or profile.Off, or 0 for the profile's, got 3"}},
		"everything": {
			func(p *Props) {
				*p = Props{
					Indexes: manyIndexes(21), Stream: 9, Capacity: Capacity{1, 1, 1, 1, 10},
					Alarms: Alarms{SystemErrors: alarm.Events{Count: -1}}, Retain: -1,
				}
			},
			[]string{
				`PartitionKey is missing: name one, such as table.String("id")`,
				"Indexes must be at most 20, got 21",
				stream + "9",
				"Capacity.TargetPercent must be from 20 to 90, got 10",
				"Alarms.SystemErrors.Count must be from 1 to 1000000000, got -1",
				"Retain must be profile.On or profile.Off, or 0 for the profile's, got -1",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Props{
				PartitionKey: String("userId"), SortKey: Number("addedAt"), TTLAttribute: "expiresAt",
				Indexes: []Index{{Name: "by-product", PartitionKey: String("productId"), SortKey: Number("addedAt"), Attributes: []string{"price"}}},
			}
			c.change(&p)
			expect.Problems(t, p.withDefaults().validate(), c.want...)
		})
	}
}

func TestValidateKeys(t *testing.T) {
	long, tooLong := strings.Repeat("k", 255), strings.Repeat("k", 256)
	cut := `256 bytes, beginning with "kkkkkkkkkkkkkkkkkkkk"`
	name := `Indexes[0].Name must be 3 to 255 letters, digits, underscores, hyphens and dots, got "%s"`
	index := func(name string) []Index { return []Index{{Name: name, PartitionKey: String("status")}} }
	cases := map[string]struct {
		props Props
		want  []string
	}{
		"no partition key": {Props{}, []string{`PartitionKey is missing: name one, such as table.String("id")`}},
		"sort key alone":   {Props{SortKey: String("id")}, []string{`PartitionKey is missing: name one, such as table.String("id")`}},
		"key without name": {Props{PartitionKey: String("")}, []string{`PartitionKey must have a name of 1 to 255 bytes, got ""`}},
		"keys without names": {Props{PartitionKey: String(""), SortKey: Number("")}, []string{
			`PartitionKey must have a name of 1 to 255 bytes, got ""`, `SortKey must have a name of 1 to 255 bytes, got ""`,
		}},
		"longest name":        {Props{PartitionKey: String(long)}, nil},
		"too long":            {Props{PartitionKey: String(tooLong)}, []string{`PartitionKey must have a name of 1 to 255 bytes, got ` + cut}},
		"one name":            {Props{PartitionKey: String("id"), SortKey: String("id")}, []string{`SortKey must differ from PartitionKey, got "id" for both`}},
		"one name, two types": {Props{PartitionKey: String("id"), SortKey: Number("id")}, []string{`SortKey must differ from PartitionKey, got "id" for both`}},
		"one type of one attribute": {
			Props{PartitionKey: String("id"), SortKey: Number("at"), Indexes: []Index{{Name: "inverted", PartitionKey: Number("at"), SortKey: String("id")}}}, nil,
		},
		"two types of one attribute": {
			Props{PartitionKey: String("id"), SortKey: Number("at"), Indexes: []Index{{Name: "inverted", PartitionKey: String("at"), SortKey: Binary("id")}}},
			[]string{
				`Indexes[0].PartitionKey must have the type of the other key "at" (NUMBER), got STRING`,
				`Indexes[0].SortKey must have the type of the other key "id" (STRING), got BINARY`,
			},
		},
		"two types in two indexes": {
			Props{PartitionKey: String("id"), Indexes: []Index{{Name: "one", PartitionKey: Number("at")}, {Name: "two", PartitionKey: String("at")}}},
			[]string{`Indexes[1].PartitionKey must have the type of the other key "at" (NUMBER), got STRING`},
		},
		"attributes of an index": {Props{PartitionKey: String("id"), Indexes: []Index{{Name: "by-a", PartitionKey: String("a"), Attributes: []string{"b", "c"}}}}, nil},
		"attributes that are keys or repeated": {
			Props{PartitionKey: String("id"), Indexes: []Index{{Name: "by-a", PartitionKey: String("a"), Attributes: []string{"id", "b", "b", "a"}}}},
			[]string{
				`Indexes[0].Attributes must not name keys, which the index contains anyway, got "id"`,
				`Indexes[0].Attributes must name each attribute once, got "b" twice`,
				`Indexes[0].Attributes must not name keys, which the index contains anyway, got "a"`,
			},
		},
		"TTL beside the keys":      {Props{PartitionKey: String("id"), TTLAttribute: "expiresAt"}, nil},
		"TTL in the partition key": {Props{PartitionKey: Number("at"), TTLAttribute: "at"}, []string{`TTLAttribute must not be a key of the table, got "at", which is PartitionKey`}},
		"TTL in the sort key":      {Props{PartitionKey: String("id"), SortKey: Number("at"), TTLAttribute: "at"}, []string{`TTLAttribute must not be a key of the table, got "at", which is SortKey`}},
		"TTL in a key, and in a string of an index": {
			Props{PartitionKey: String("at"), TTLAttribute: "at", Indexes: []Index{{Name: "by-at", PartitionKey: String("at")}}},
			[]string{
				`TTLAttribute must be a number, got "at", which is Indexes[0].PartitionKey of type STRING: use table.Number there, or another attribute`,
				`TTLAttribute must not be a key of the table, got "at", which is PartitionKey`,
			},
		},
		"TTL turned off": {Props{PartitionKey: String("id"), TTLAttribute: "at", DisableTTL: true}, nil},
		"no TTL turned off": {
			Props{PartitionKey: String("id"), DisableTTL: true},
			[]string{"DisableTTL needs TTLAttribute, the attribute by which items expire now, got none: set it, or remove DisableTTL"},
		},
		"TTL too long": {Props{PartitionKey: String("id"), TTLAttribute: tooLong}, []string{"TTLAttribute must be at most 255 bytes, got " + cut}},
		"TTL in a string of an index": {
			Props{PartitionKey: String("id"), TTLAttribute: "at", Indexes: []Index{{Name: "by-at", PartitionKey: String("at")}}},
			[]string{`TTLAttribute must be a number, got "at", which is Indexes[0].PartitionKey of type STRING: use table.Number there, or another attribute`},
		},
		"21 attributes in an index": {
			Props{PartitionKey: String("id"), Indexes: []Index{{Name: "by-a", PartitionKey: String("a"), Attributes: attributes(21)}}},
			[]string{"Indexes[0].Attributes must be at most 20, got 21: leave it empty to project all"},
		},
		"attribute too long": {
			Props{PartitionKey: String("id"), Indexes: []Index{{Name: "by-a", PartitionKey: String("a"), Attributes: []string{long, tooLong}}}},
			[]string{"Indexes[0].Attributes must be names of 1 to 255 bytes, got " + cut},
		},
		"a token as a key": {
			Props{PartitionKey: String("${Token[TOKEN.1]}")},
			[]string{"PartitionKey must be known before the deployment, got a token of the CDK: a token has no value before the deployment, so write the value itself"},
		},
		"TTL in an index": {
			Props{PartitionKey: String("id"), TTLAttribute: "at", Indexes: []Index{{Name: "by-status", PartitionKey: String("status"), SortKey: Number("at")}}},
			nil,
		},
		"index without partition key": {
			Props{PartitionKey: String("id"), Indexes: []Index{{Name: "by-status", SortKey: String("status")}}},
			[]string{`Indexes[0].PartitionKey is missing: name one, such as table.String("id")`},
		},
		"one name in an index": {
			Props{PartitionKey: String("id"), Indexes: []Index{{Name: "by-status", PartitionKey: String("status"), SortKey: String("status")}}},
			[]string{`Indexes[0].SortKey must differ from PartitionKey, got "status" for both`},
		},
		"shortest index name":     {Props{PartitionKey: String("id"), Indexes: index("a.b")}, nil},
		"longest index name":      {Props{PartitionKey: String("id"), Indexes: index(long)}, nil},
		"index name too short":    {Props{PartitionKey: String("id"), Indexes: index("ab")}, []string{fmt.Sprintf(name, "ab")}},
		"index name too long":     {Props{PartitionKey: String("id"), Indexes: index(tooLong)}, []string{strings.Replace(fmt.Sprintf(name, ""), `""`, cut, 1)}},
		"index name with a space": {Props{PartitionKey: String("id"), Indexes: index("by status")}, []string{fmt.Sprintf(name, "by status")}},
		"indexes without names":   {Props{PartitionKey: String("id"), Indexes: append(index(""), index("")...)}, []string{fmt.Sprintf(name, ""), strings.Replace(fmt.Sprintf(name, ""), "0", "1", 1)}},
		"indexes of one name":     {Props{PartitionKey: String("id"), Indexes: append(index("by-status"), index("by-status")...)}, []string{`Indexes[1].Name must be unique, got "by-status" twice`}},
		"attribute without a name": {
			Props{PartitionKey: String("id"), Indexes: []Index{{Name: "by-status", PartitionKey: String("status"), Attributes: []string{"price", ""}}}},
			[]string{`Indexes[0].Attributes must be names of 1 to 255 bytes, got ""`},
		},
		"everything": {
			Props{SortKey: String(""), TTLAttribute: "at", Indexes: []Index{{PartitionKey: Number("at"), SortKey: Number("at"), Attributes: []string{""}}}},
			[]string{
				`PartitionKey is missing: name one, such as table.String("id")`,
				`SortKey must have a name of 1 to 255 bytes, got ""`,
				fmt.Sprintf(name, ""),
				`Indexes[0].SortKey must differ from PartitionKey, got "at" for both`,
				`Indexes[0].Attributes must be names of 1 to 255 bytes, got ""`,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.validateKeys(), c.want...) })
	}
}

func TestValidateCapacity(t *testing.T) {
	cases := map[string]struct {
		capacity Capacity
		want     []string
	}{
		"on demand":     {Capacity{}, nil},
		"least":         {Capacity{1, 1, 1, 1, 20}, nil},
		"most":          {Capacity{5, 50, 5, 50, 90}, nil},
		"no least read": {Capacity{0, 1, 1, 1, 70}, []string{"Capacity.MinRead must be at least 1, got 0"}},
		"no most read":  {Capacity{5, 0, 1, 1, 70}, []string{"Capacity.MaxRead must be at least MinRead (5), got 0"}},
		"none at all": {Capacity{1, 0, 0, -1, 70}, []string{
			"Capacity.MaxRead must be at least MinRead (1), got 0",
			"Capacity.MinWrite must be at least 1, got 0", "Capacity.MaxWrite must be at least 1, got -1",
		}},
		"more than anybody has": {Capacity{1, 1 << 40, 1, 1 << 40, 70}, []string{
			"Capacity.MaxRead must be at most 1000000 units, got 1099511627776", "Capacity.MaxWrite must be at most 1000000 units, got 1099511627776",
		}},
		"read upside down":  {Capacity{5, 4, 1, 1, 70}, []string{"Capacity.MaxRead must be at least MinRead (5), got 4"}},
		"write upside down": {Capacity{1, 1, 2, 1, 70}, []string{"Capacity.MaxWrite must be at least MinWrite (2), got 1"}},
		"reads alone": {Capacity{1, 2, 0, 0, 70}, []string{
			"Capacity.MinWrite must be at least 1, got 0", "Capacity.MaxWrite must be at least 1, got 0",
		}},
		"negative": {Capacity{-1, -2, 1, 1, 70}, []string{
			"Capacity.MinRead must be at least 1, got -1", "Capacity.MaxRead must be at least 1, got -2",
		}},
		"target too low":  {Capacity{1, 1, 1, 1, 19}, []string{"Capacity.TargetPercent must be from 20 to 90, got 19"}},
		"target too high": {Capacity{1, 1, 1, 1, 91}, []string{"Capacity.TargetPercent must be from 20 to 90, got 91"}},
		"target alone": {Capacity{TargetPercent: 95}, []string{
			"Capacity.MinRead must be at least 1, got 0", "Capacity.MaxRead must be at least 1, got 0",
			"Capacity.MinWrite must be at least 1, got 0", "Capacity.MaxWrite must be at least 1, got 0",
			"Capacity.TargetPercent must be from 20 to 90, got 95",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.capacity.validate(), c.want...) })
	}
}

func attributes(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint("attribute", i))
	}
	return all
}

// wide returns indexes that project 20 attributes each.
func wide(n int) (all []Index) {
	for i := range n {
		all = append(all, Index{Name: fmt.Sprint("by-", i), PartitionKey: String("a"), Attributes: attributes(20)})
	}
	return all
}
