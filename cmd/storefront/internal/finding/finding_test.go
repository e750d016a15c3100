package finding

import (
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	findings := []Finding{
		{Check: "bootstrap", Detail: "version 30, 6 needed"},
		{Check: "images", Subject: "cart:0.1.0", Detail: "is not in the registry", Fix: "push it\nor build it", Status: Missing},
		{Check: "mail", Detail: strings.Repeat("seven addresses ", 6), Status: Warning},
		{Check: "zones", Detail: "ec2:DescribeAvailabilityZones was denied", Fix: "allow it", Status: Unknown},
	}
	var b strings.Builder
	if err := Write(&b, findings, false); err != nil {
		t.Fatal(err)
	}
	want := `ok       bootstrap           version 30, 6 needed
MISSING  images              cart:0.1.0: is not in the registry
         push it
         or build it
warning  mail                seven addresses seven addresses seven addresses seven addresses seven
                             addresses seven addresses
unknown  zones               ec2:DescribeAvailabilityZones was denied
         allow it

1 ok, 1 warning, 1 unknown, 1 missing
`
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestWriteCountsWhatIsRefused(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, []Finding{{Check: "table", Subject: "Cart Items", Detail: "the type of a key changes", Status: Refused}}, false); err != nil {
		t.Fatal(err)
	}
	want := `REFUSED  table               Cart Items: the type of a key changes

0 ok, 0 warning, 0 unknown, 0 missing, 1 refused
`
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestWriteColorsTheStatusAlone(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, []Finding{{Check: "zones", Detail: "3", Status: Missing}}, true); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[31mMISSING  \x1b[0mzones"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("got %q, want the prefix %q", b.String(), want)
	}
}

func TestPasses(t *testing.T) {
	for status, want := range map[Status]bool{OK: true, Warning: true, Unknown: false, Missing: false, Refused: false} {
		if got := Passes([]Finding{{}, {Status: status}}); got != want {
			t.Errorf("%v: got %v, want %v", status, got, want)
		}
	}
}
