#!/bin/sh
# set network loopback: a network that has nothing but the run itself.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

if ! unshare -n true 2>/dev/null && ! unshare -Un true 2>/dev/null; then
	skip "a network of its own" "no network namespace for uid $(id -u)"
	exit 0
fi
cat >loop.conf <<'CONF'
profile "default"
set network loopback
allow net
CONF
cat >rules.conf <<'CONF'
profile "default"
set network loopback
allow net bind tcp to 127.0.0.1 port { 0 1024-65535 }
allow net accept tcp from 127.0.0.1
allow net connect tcp to 127.0.0.1 port 1024-65535
CONF
cat >pair.py <<'PY'
import socket, sys
af, addr = {"4": (socket.AF_INET, "127.0.0.1"),
    "6": (socket.AF_INET6, "::1")}[sys.argv[1]]
s = socket.socket(af); s.bind((addr, 0)); s.listen()
c = socket.socket(af); c.connect(s.getsockname()); c.sendall(b"hello")
print(s.accept()[0].recv(5).decode())
PY
cat >try.py <<'PY'
import errno, socket, sys
s = socket.socket(); s.settimeout(10)
try:
    if sys.argv[1] == "@":
        s = socket.socket(socket.AF_UNIX)
        s.connect("\0" + sys.argv[2])
    else:
        s.connect((sys.argv[1], int(sys.argv[2])))
    print("reached")
except OSError as e:
    print(errno.errorcode.get(e.errno, e))
PY
cat >serve.py <<'PY'
import os, socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
u = socket.socket(socket.AF_UNIX); u.bind("\0privsep-%d" % os.getpid())
u.listen()
with open("serve.new", "w") as f:
    print(s.getsockname()[1], "privsep-%d" % os.getpid(), file=f)
os.rename("serve.new", "serve")
time.sleep(600)
PY
python3 serve.py &
server=$!
while [ ! -s serve ] && kill -0 $server; do sleep 0.1; done
read -r port name <serve

is "the server outside is there" "$(python3 try.py 127.0.0.1 "$port")" reached
is "... and its abstract name" "$(python3 try.py @ "$name")" reached
run -r 'allow net' -- python3 try.py 127.0.0.1 "$port"
is "with the host's network it is reached" "$st:$out" 0:reached
run -f loop.conf -- python3 try.py 127.0.0.1 "$port"
is "with its own it is not" "$st:$out" 0:ECONNREFUSED
run -f rules.conf -- python3 try.py 127.0.0.1 "$port"
is "... by a rule about addresses, of which the broker decides" \
    "$st:$out" 0:ECONNREFUSED
run -f loop.conf -- python3 try.py @ "$name"
is "an abstract name of the host is not there" "$st:$out" 0:ECONNREFUSED
run -f loop.conf -- python3 try.py 192.0.2.1 80
is "no way leads beyond it" "$st:$out" 0:ENETUNREACH
run -f loop.conf -- python3 pair.py 4
is "its own servers are reached by IPv4" "$st:$out" 0:hello
if [ -e /proc/net/if_inet6 ]; then
	run -f loop.conf -- python3 pair.py 6
	is "... and by IPv6" "$st:$out" 0:hello
fi
run -f rules.conf -- python3 pair.py 4
is "... and where the broker makes the calls" "$st:$out" 0:hello
run -r 'set network loopback' -- python3 pair.py 4
unlike "without a rule there is no network in it either" "$out" hello
run -f rules.conf -- python3 try.py 127.0.0.1 80
is "a rule is a rule within it" "$st:$out" 0:EACCES
run -f loop.conf -- sh -c 'grep -c : /proc/net/dev; grep -h Cap \
    /proc/self/status; id -u'
is "there is lo, no capability, and the user's own number" \
    "$(echo "$out" | awk '{ print $NF }' | sort -u | tr '\n' ' ')" \
    "$(printf '%s\n' 0000000000000000 1 "$(id -u)" | sort -u | tr '\n' ' ')"
run -f loop.conf -r 'set hide mounts' -- sh -c 'python3 pair.py 4; exit 3'
is "hiding by mounts goes with it" "$st:$out" 3:hello
run -f loop.conf -- sh -c "nsenter --net=/proc/$server/ns/net \
    python3 try.py 127.0.0.1 $port"
unlike "no way back into the host's by setns(2)" "$out" reached
sb -f loop.conf -n >"$T/out" 2>&1
like "-n says so" "$(cat "$T/out")" 'set network loopback'
run -r 'set network everything' -- true
like "a wrong word: what was expected" "$err" \
    "network cannot be 'everything'; expected loopback, none or host"

# ---- none, asked for and not ----
lines() {	# of /proc/net/dev inside: one a network interface
	run "$@" -- grep -c : /proc/net/dev
}
run -r 'set network none' -r 'allow net' -- python3 pair.py 4
unlike "set network none: not even what it serves itself" "$out" hello
run -r 'set network none' -r 'allow net' -- python3 try.py 127.0.0.1 "$port"
is "... nor the host" "$st:$out" 0:ENETUNREACH
run -r 'set network none' -- python3 try.py @ "$name"
unlike "... nor its abstract names" "$out" reached
sb -r 'set network none' -n >"$T/out" 2>&1
like "... -n says so" "$(cat "$T/out")" '^set network none'
like "... and parses it again" "$(sb -f "$T/out" -n 2>&1)" '^set network none'
lines -r 'set network host'
host=$out
lines -r 'deny net'
none=$out
lines -r 'deny net' -r 'set network none'
is "of a network without an interface nothing shows but lo" "$st:$out" 0:1
if [ "$(id -u)" -eq 0 ]; then
	is "no rule allows any: root's command has none" "$none" "$out"
	lines -r 'deny net' -r 'keep capability net_raw'
	is "... but with a capability" "$out" "$host"
	lines -r 'set hide mounts'
	is "... and besides mounts" "$out" 1
else
	is "no rule allows any: a user's command sees the host's" "$none" \
	    "$host"
fi
for r in 'allow net' 'allow net connect unix any' \
    'allow quick net connect tcp port 9'; do
	lines -r "$r" -r 'deny net connect udp'
	is "$r: it is the host's" "$out" "$host"
done
run -r 'set network loopback' -r 'set network host' -r 'allow net' -- \
    python3 try.py 127.0.0.1 "$port"
is "the last line counts" "$st:$out" 0:reached
if [ "$(id -u)" -ne 0 ]; then
	run -f loop.conf -r 'keep capability net_raw' -- true
	is "a kept capability would be lost: refused" "$st" 125
	like "... with a reason" "$err" "keep capability goes with it for root"
	run -f loop.conf -r 'deny exec class untrusted' -- true
	like "owners cannot be told in its user namespace: refused" \
	    "$st:$err" '125:.*set network loopback'
	run -f loop.conf -r 'set degrade yes' -r 'keep capability net_raw' -- \
	    python3 try.py 127.0.0.1 "$port"
	is "... or done without, when the policy says so" "$st:$out" 0:reached
	like "... and told" "$err" "the rules alone hold"
fi
kill $server
