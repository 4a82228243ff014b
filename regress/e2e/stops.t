#!/bin/sh
# A call that is made by the kernel and compared stops its caller each time.
# That wakes the lane that waits for it, and not the receiver's first thread too.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

have python3 || { skip "wake-ups" "no python3"; exit 0; }
mkfifo go
# The first thread's waits; the other fields are of no concern.
waits() {
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$1/status"
}
timeout 60 "$PRIVSEP" -v -r 'deny stat "/nowhere-x"' -- python3 -c '
import os
for i in range(4000):
    os.close(os.open("/", os.O_PATH | os.O_DIRECTORY))
open("done", "w").close()
open("go").read()' >out 2>err &
job=$!
i=0
until [ -e done ] || [ $i -ge 600 ]; do
	sleep 0.1
	i=$((i + 1))
done
pid=$(sed -n 's/.*receiver is process \([0-9]*\).*/\1/p' err)
n=$(waits "$pid")
echo >go
wait $job
is "4000 calls that are verified were made" "$?:$(grep -v '^privsep-sandbox: ' err)" 0:
like "... and asked for" "$(cat err)" 'notified:.* openat [4-9][0-9][0-9][0-9]'
[ "${n:-4000}" -lt 3000 ]
ok "the first thread was woken by fewer than three in four of them" "$n"
echo "# $n times"
