package progress

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Elsewhere than on a terminal a step that is quick prints nothing, and a slow one a line.
func TestPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		line := New(&out)
		quick := line.Begin("quick")
		time.Sleep(Patience - 1)
		quick()
		slow := line.Begin("compiling %s", "the app")
		time.Sleep(3 * Patience)
		_, _ = line.Write([]byte("said\n"))
		slow()
		slow() // ends nothing that began later
		last := line.Begin("first text")
		again := line.Begin("then this")
		last()
		time.Sleep(2 * Patience)
		again()
		synctest.Wait()
		if got, want := out.String(), "compiling the app ...\nsaid\nthen this ...\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// On a terminal the step is one line, which what is written moves down and its end removes.
func TestOnATerminal(t *testing.T) {
	const erase = "\r\x1b[K"
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		line := &Line{to: &out, width: func() int { return 24 }, patience: 200 * time.Millisecond}
		end := line.Begin("compiling a program of a long name")
		time.Sleep(2500 * time.Millisecond)
		_, _ = line.Write([]byte("said\n"))
		_, _ = line.Over(&out).Write([]byte("printed\n"))
		time.Sleep(time.Second)
		end()
		end()
		time.Sleep(time.Minute)
		synctest.Wait()
		want := strings.Join([]string{
			"", "compiling a program ...", "compiling a pro ... 1 s", "compiling a pro ... 2 s", "said\n", "compiling a pro ... 2 s",
			"printed\n", "compiling a pro ... 3 s", "",
		}, erase)
		if got := out.String(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// What writes to standard error shares one line.
func TestNewOfALine(t *testing.T) {
	line := New(&strings.Builder{})
	if New(line) != line || line.Over(os.Stdout) != os.Stdout || Terminal(line) || Colored(line) {
		t.Error("a line was wrapped, or is a terminal")
	}
}
