#!/bin/sh
# More calls that wait than there are lanes: the others are served all the
# same, and those that wait end as they would bare.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have python3 || ! have ps; then
	skip "more that wait than lanes" "no python3 or no ps"
	exit 0
fi
LIMIT=200
LANES=256

cat >crowd.py <<'PY'
import errno, os, socket, struct, sys, threading, time
threading.stack_size(65536)
def listener():
    s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); return s
ls = [listener() for _ in range(int(sys.argv[1]))]
timed = [listener() for _ in range(10)]
got, limits = [], []
def accept(s):
    try:
        c, _ = s.accept(); got.append(c.recv(9))
    except OSError as e: got.append(e)
def limit(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 3, 0))
    t = time.monotonic()
    try: s.accept(); limits.append('accepted')
    except OSError as e:
        limits.append(e.errno == errno.EAGAIN and time.monotonic() - t > 2.9 or repr(e))
ts = [threading.Thread(target=accept, args=(s,)) for s in ls]
for t in ts: t.start()
open('waiting', 'w').close()
while not os.path.exists('full'): time.sleep(0.1)
for i in range(20): listener().close()
open('served', 'w').close()
tt = [threading.Thread(target=limit, args=(s,)) for s in timed]
for t in tt: t.start()
for t in tt: t.join()
for s in ls:
    c = socket.socket(); c.connect(s.getsockname()); c.send(b'x'); c.close()
for t in ts: t.join()
print(len(got), set(got), len(limits), set(limits), flush=True)
PY
sb -r 'allow net bind, connect, accept tcp to 127.0.0.0/8' -- \
    python3 crowd.py $((LANES + 10)) >"$T/crowd" 2>&1 &
pid=$!
lanes() {	# the most children that a process below the sandbox has
	ps -e -o pid= -o ppid= -o comm= | awk -v top="$pid" -v want=$LANES '
	    $3 == "privsep-sandbox" { up[$1] = $2; n[$2]++ }
	    { parent[$1] = $2 }
	    END {
		for (p in n) {
			for (q = p; q in parent && q != top; q = parent[q])
				continue
			if (q == top && n[p] >= want)
				exit 0
		}
		exit 1
	    }'
}
wait_for 900 lanes
ok "as many lanes as there can be are there"
: >full
wait_for 900 test -e served
ok "a call is served although more wait than there are lanes"
wait $pid
is "... those that waited got what they waited for, and time limits hold" \
    "$?:$(tail -1 "$T/crowd")" \
    "0:$((LANES + 10)) {b'x'} 10 {True}"
