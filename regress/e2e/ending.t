#!/bin/sh
# A process that ends while its threads have calls in hand ends as it would
# without a sandbox: of its signal, or as what it executed.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

echo x >data
cp "$HOME/bin/ending.py" .
run python3 ending.py 3
is "bare: threads that open files, and an exec or SIGQUIT" "$out" \
    "all as they should"
run -w -r "deny read glob \"$WORK/*.secret\"" -- python3 ending.py 40
is "inside: each execs, or dies of its signal and of no other" "$st:$out" \
    "0:all as they should"
is "... and nothing is said" "$(cat "$T/err")" ""
