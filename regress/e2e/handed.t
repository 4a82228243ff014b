#!/bin/sh
# Sockets that the command is handed as standard input: none of them is a way
# past rules that know nothing of such sockets.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=100
if ! have python3; then
	skip "sockets that are handed over" "no python3"
	exit 0
fi

cat >inside.py <<'PY'
import errno, os, socket, sys
s = socket.socket(fileno=os.dup(0)); a = ('127.0.0.1', int(sys.argv[1]))
def t(f):
    try: f(); print('sent', end=' ')
    except OSError as e: print(errno.errorcode.get(e.errno, e), end=' ')
    except TypeError: print('none', end=' ')
t(lambda: s.sendmsg([b'x'], [], 0, a))
t(lambda: s.sendto(b'x', a))
t(lambda: (s.connect(a), s.send(b'x')))
PY
# HOW [OPTIONS]: with a socket of its own, what it prints, and what arrives
cat >"$T/outside.py" <<'PY'
import socket, subprocess, sys
how, sandbox, *options = sys.argv[1:]
there = socket.socket(type=socket.SOCK_DGRAM); there.bind(('127.0.0.1', 0))
port = there.getsockname()[1]; there.settimeout(0.3)
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen()
if how == 'udp': s = socket.socket(type=socket.SOCK_DGRAM)
elif how == 'udp6': s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
elif how == 'udpto':
    s = socket.socket(type=socket.SOCK_DGRAM); s.connect(('127.0.0.1', 9))
elif how == 'tcp': s = socket.socket()
elif how == 'tcpto': s = socket.create_connection(l.getsockname())
elif how == 'pair': s = socket.socketpair()[0]
elif how == 'unix': s = socket.socketpair(type=socket.SOCK_DGRAM)[0]
options = [o.replace('PORT', str(port)) for o in options]
if sandbox: options = [sandbox] + options + ['--']
r = subprocess.run(options + ['python3', 'inside.py', str(port)], stdin=s,
    capture_output=True, text=True, timeout=100)
n = 0
try:
    while True: there.recv(9); n += 1
except OSError: pass
print(r.returncode, r.stdout.strip(), n)
sys.stderr.write(r.stderr)
PY
handed() { python3 "$T/outside.py" "$@" 2>"$T/err"; }

is "bare, a socket that is handed over sends" "$(handed udp "")" \
    "0 sent sent sent 3"
for how in udp udp6 udpto tcp unix; do
	is "$how: no rule, no run" "$(handed $how "$PRIVSEP")" "125  0"
	like "... with a reason" "$(cat "$T/err")" \
	    "standard input is a socket that can send to any address"
done
is "udp: a rule about something else is none" "$(handed udp "$PRIVSEP" \
    -r 'allow net connect tcp port PORT')" "125  0"
is "udp: rules about it hold for it" "$(handed udp "$PRIVSEP" \
    -r 'allow net send, connect udp to 127.0.0.1 port 9')" \
    "0 EACCES EACCES EACCES 0"
is "... and what they allow goes" "$(handed udp "$PRIVSEP" \
    -r 'allow net send udp to 127.0.0.1 port PORT')" \
    "0 sent sent EACCES 2"
for how in tcpto pair; do
	like "$how: what is connected already is as it was" \
	    "$(handed $how "$PRIVSEP")" "^0 .* 0$"
done
