// SPDX-License-Identifier: MIT

package e2e

// A server under test as a child process: started, listened to, ended by
// SIGTERM. What it prints on standard output are JSON events, one a line; what
// it prints on standard error is shown when a test fails.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what should come at once.
const patience = 120 * time.Second

type event struct {
	Event          string `json:"event"`
	Port           int    `json:"port"`
	ConversionPort int    `json:"conversion_port"`
	Method         string `json:"method"`
	Target         string `json:"target"`
	Body           []byte `json:"body_b64"`
	PeerCN         string `json:"peer_cn"`
	Bundle         string `json:"bundle"`
}

type child struct {
	cmd     *exec.Cmd
	mu      sync.Mutex
	events  []event
	changed chan struct{} // closed and replaced at every event
	junk    []string
	stderr  lockedBuffer
	exited  chan struct{}
	err     error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// binary finds a server under test; CI must have it.
func binary(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not set: there is no server to test", variable)
	}
	if path == "" {
		t.Skipf("%s is not set: there is no server to test", variable)
	}
	return path
}

func start(t *testing.T, path string, args ...string) *child {
	t.Helper()
	c := &child{changed: make(chan struct{}), exited: make(chan struct{})}
	c.cmd = exec.Command(path, args...)
	c.cmd.Stderr = &c.stderr
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go c.follow(stdout)
	t.Cleanup(func() { c.cleanup(t) })
	return c
}

func (c *child) follow(stdout io.Reader) {
	lines := bufio.NewReaderSize(stdout, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			c.note(line)
		}
		if err != nil {
			break
		}
	}
	c.err = c.cmd.Wait()
	close(c.exited)
}

func (c *child) note(line []byte) {
	var e event

	err := json.Unmarshal(line, &e)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.junk = append(c.junk, strings.TrimSpace(string(line)))
	} else {
		c.events = append(c.events, e)
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

// seen returns the events of one name from index on, and a channel that closes
// when there may be more.
func (c *child) seen(name string, from int) ([]event, <-chan struct{}) {
	var found []event

	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if e.Event == name {
			found = append(found, e)
		}
	}
	return found[min(from, len(found)):], c.changed
}

// await returns at least n events of one name from index on.
func (c *child) await(t *testing.T, name string, from, n int) []event {
	t.Helper()
	deadline := time.After(patience)
	for {
		found, changed := c.seen(name, from)
		if len(found) >= n {
			return found
		}
		select {
		case <-changed:
		case <-c.exited:
			if found, _ = c.seen(name, from); len(found) >= n {
				return found
			}
			t.Fatalf("server ended (%v) after %d of %d %q events:\n%s", c.err, len(found), n, name,
				c.stderr.String())
		case <-deadline:
			t.Fatalf("%d of %d %q events after %v", len(found), n, name, patience)
		}
	}
}

func (c *child) terminate(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
}

// wait expects a clean end after terminate.
func (c *child) wait(t *testing.T) {
	t.Helper()
	select {
	case <-c.exited:
	case <-time.After(2 * patience):
		c.cmd.Process.Kill()
		<-c.exited
		t.Error("server did not end after SIGTERM")
	}
	if c.err != nil {
		t.Errorf("server ended with %v", c.err)
	}
}

// spokeEvents expects that standard output carried nothing else.
func (c *child) spokeEvents(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.junk) > 0 {
		t.Errorf("server printed what is no event: %q", c.junk)
	}
}

func (c *child) cleanup(t *testing.T) {
	c.terminate(t)
	c.wait(t)
	if text := c.stderr.String(); t.Failed() && text != "" {
		t.Logf("standard error of the server:\n%s", text)
	}
}
