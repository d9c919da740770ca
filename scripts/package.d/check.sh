# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A line a check, and the counts. Sourced by the steps of scripts/package.
passed=0
failed=0
skipped=0
check() { # SENTENCE COMMAND...
  local log
  log=$(mktemp)
  if "${@:2}" >"$log" 2>&1; then
    passed=$((passed + 1))
    echo "ok   $1"
  else
    failed=$((failed + 1))
    echo "FAIL $1"
    tail -n 60 "$log" | sed 's/^/     /'
  fi
  rm "$log"
}
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
  exit
}
