#!/bin/sh
# A file system as slow as a bad network: the integrity worker that reads from
# it sleeps for longer than a role may that does not answer, and is waited for.
PASSES=once
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

name="an executable that takes three seconds to read is verified, and runs"
if [ "$(id -u)" -ne 0 ]; then
	skip "$name" "mounting takes root"
	exit 0
fi
mkdir slow
printf 'int main(void) { return (7); }' | gcc -static -x c -o prog -
truncate -s 2M prog
digest=$(sha256sum <prog | cut -c1-64)
slow() {	# MSEC RULE: run it there
	timeout -k 5 60 "$HOME/bin/slowmount" "$WORK/slow" prog "$1" \
	    "$PRIVSEP" -v -r "set tpe no" -r "verify exec $WORK/slow/prog $2" \
	    -- "$WORK/slow/prog" >"$T/out" 2>"$T/err"
	st=$?
}
start=$(date +%s%N)
slow 3000 "sha256 $digest"
took=$((($(date +%s%N) - start) / 1000000))
if [ $st -eq 77 ]; then
	skip "$name" "no FUSE"
	exit 0
fi
is "$name" "$st" 7
[ $took -ge 2900 ]; ok "... it did take that long" "$took ms"
unlike "... and nobody is said not to answer" "$(cat "$T/err")" "answer"
slow 0 "sha256 $(echo x | sha256sum | cut -c1-64)"
is "... and one of another digest does not" "$st" 126
