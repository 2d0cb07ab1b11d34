// Package checks counts a suite's checks: one line each, `N passed, N failed` at the end.
package checks

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"sync"
	"time"
)

var (
	run    = fmt.Sprintf("%08x", rand.Uint32())
	mutex  sync.Mutex
	passed int
	failed int
)

func Check(name string, holds bool, detail ...any) {
	mutex.Lock()
	defer mutex.Unlock()
	if holds {
		passed++
		fmt.Printf("ok    %s\n", name)
	} else {
		failed++
		fmt.Printf("FAIL  %s: %s\n", name, fmt.Sprint(detail...))
	}
}

func Equal(name string, got, expected any) {
	Check(name, reflect.DeepEqual(got, expected), fmt.Sprintf("got %#v, expected %#v", got, expected))
}

// Must ends the running section when err is set.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Got is Must for a call that also answers a value.
func Got[T any](value T, err error) T {
	Must(err)
	return value
}

// Section runs one group of checks; a panic fails it and lets the next group run.
func Section(name string, body func()) {
	defer func() {
		if problem := recover(); problem != nil {
			Check(name, false, problem)
		}
	}()
	body()
}

func Eventually(timeout time.Duration, condition func() bool) bool {
	for deadline := time.Now().Add(timeout); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// Unique is a name that no earlier run has used, so that a suite can run twice on one broker.
func Unique(name string) string { return name + "-" + run }

func RestartBroker() {
	command := exec.Command("sh", "-c", os.Getenv("GODWIT_RESTART"))
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	Must(command.Run())
}

// Limit ends the suite as failed when it hangs.
func Limit(limit time.Duration) {
	time.AfterFunc(limit, func() {
		Check(fmt.Sprintf("the suite ends within %v", limit), false, "still running")
		Finish()
	})
}

func Finish() {
	mutex.Lock()
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
	os.Exit(0)
}
