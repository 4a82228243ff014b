#!/bin/sh
# Real clients and servers: the same answers inside as outside where a rule
# lets them, a clear error where none does, whoever holds the rule.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
for e2e_n in python3 curl nginx git; do
	have $e2e_n || { skip "clients and servers" "no $e2e_n"; exit 0; }
done
LIMIT=90
. "$SRC/regress/e2e/netprog.sh"
export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 no_proxy='*'

site
N=$(port); R=$(port); Z=$(port)
mkdir -p "$T/ngx"
nginx_conf "$T/ngx" "$N" >"$T/ngx/conf"
spawn "$T/ngx/log" nginx -p "$T/ngx" -c "$T/ngx/conf" -e "$T/ngx/error.log"
if have redis-server; then
	mkdir "$T/redis"
	spawn "$T/redis/log" redis-server --port "$R" --bind 127.0.0.1 ::1 \
	    --unixsocket "$T/redis/sock" --dir "$T/redis" --save ''
	up "$R"
fi
up "$N"
ok "the servers are up" "$(cat "$T/ngx/log" "$T/ngx/error.log")"

cat >get.py <<'PY'
import asyncio, concurrent.futures, hashlib, http.client, socket, sys, urllib.request
p = int(sys.argv[1])
def get(host, path='/big'):
    return hashlib.md5(urllib.request.urlopen(f'http://{host}:{p}{path}', timeout=60).read()).hexdigest()
for h in '127.0.0.1', '[::1]': print(h, get(h), get(h, '/hello'))
with concurrent.futures.ThreadPoolExecutor(8) as ex:
    print(len(set(ex.map(get, ['127.0.0.1', '[::1]'] * 8))))
c = http.client.HTTPConnection('127.0.0.1', p)
for i in range(20): c.request('GET', '/hello'); print(c.getresponse().read(), end=' ')
async def one(host):
    r, w = await asyncio.open_connection(host, p)
    w.write(b'GET /hello HTTP/1.0\r\n\r\n'); await w.drain()
    x = await r.read(); w.close(); return x[-6:]
async def main(): print(set(await asyncio.gather(*[one(h) for h in ['127.0.0.1', '::1'] * 10])))
asyncio.run(main())
try: asyncio.run(asyncio.wait_for(asyncio.open_connection('127.0.0.1', 1), 60))
except OSError as e: print(type(e).__name__ in ('ConnectionRefusedError', 'PermissionError'))
PY
cat >get.js <<'JS'
const p = process.argv[2];
(async () => {
	for (const h of ['127.0.0.1', '[::1]']) {
		const t = await (await fetch(`http://${h}:${p}/big`)).text();
		console.log(h, t.length);
	}
	const r = await Promise.all([...Array(20)].map(() =>
	    fetch(`http://127.0.0.1:${p}/hello`).then(x => x.text())));
	console.log(new Set(r).size, r.length);
})();
JS

for how in $ways; do
	rules $how "$N" "$R" >"$how.conf"
	sb -n -v -f $how.conf >"$T/plan" 2>&1
	like "$how: who holds it" "$(cat "$T/plan")" \
	    "connect: $([ $how = ports ] && echo 'kernel: Landlock' ||
	    echo 'broker')"
	equal "$how: curl, both addresses, a large file" $how.conf sh -c \
	    "curl -gsS --max-time 60 http://127.0.0.1:$N/big http://[::1]:$N/hello | md5sum"
	equal "$how: curl, parallel and kept alive" $how.conf sh -c \
	    "curl -gsSZ --max-time 60 -o c1 http://127.0.0.1:$N/hello -o c2 http://[::1]:$N/hello -o c3 http://127.0.0.1:$N/big 2>/dev/null; md5sum c1 c2 c3"
	equal "$how: python: urllib, threads, http.client, asyncio" $how.conf \
	    python3 get.py "$N"
	equal "$how: git clone, dumb http" $how.conf sh -c \
	    "rm -rf cl; git clone -q http://127.0.0.1:$N/repo.git cl && git -C cl log --format=%s && md5sum <cl/f; rm -rf cl"
	if have redis-cli; then
		equal "$how: redis-cli" $how.conf sh -c \
		    "redis-cli -h ::1 -p $R set k v; redis-cli -h 127.0.0.1 -p $R get k
		    seq 2000 | sed 's/^/set x/;s/\$/ 1/' | redis-cli -p $R | sort | uniq -c"
	fi
	if have node; then
		equal "$how: node's fetch" $how.conf node get.js "$N"
	fi
	# what is refused, and how it looks
	run -f $how.conf -- curl -gsS --max-time 60 "http://127.0.0.1:$Z/"
	is "$how: curl: refused" "$st" 7
	like "... and says so" "$err" 'Permission denied|ailed to connect|connect to'
	[ $how = ports ] || like "... and so does the log" "$err" \
	    "denied: .*connect net connect tcp 127.0.0.1 port $Z"
	run -f $how.conf -- python3 -c "import urllib.request
urllib.request.urlopen('http://127.0.0.1:$Z/')"
	like "$how: python: PermissionError" "$err" 'Errno 13'
	run -f $how.conf -- git ls-remote "http://127.0.0.1:$Z/repo.git"
	is "$how: git: fails" "$st" 128
done

# names: both addresses are tried, the one that is allowed answers
run -r "allow net connect tcp to 127.0.0.1 port $N" \
    -r 'allow net connect, send udp to loopback' -- \
    curl -sS --max-time 60 "http://localhost:$N/hello"
is "curl: happy eyeballs falls back to the address that is allowed" "$out" hello
run -r "allow net connect unix path \"$T/ngx/sock\"" -- \
    curl -sS --max-time 60 --unix-socket "$T/ngx/sock" http://x/hello
is "curl: a local socket" "$out" hello
run -r "allow net connect unix path \"$T/ngx/none\"" -- \
    curl -sS --max-time 60 --unix-socket "$T/ngx/sock" http://x/hello
is "curl: a local socket that may not be" "$st" 7
if have redis-cli; then
	run -r "allow net connect unix path \"$T/redis/sock\"" -- \
	    redis-cli -s "$T/redis/sock" get k
	is "redis-cli: a local socket" "$out" v
	run -v -f address.conf -- redis-benchmark -h 127.0.0.1 -p "$R" -q -n 20000 \
	    -c 20 -P 4 -t get,set
	is "redis-benchmark runs" "$st:$(echo "$out" | tr '\r' '\n' |
	    grep -c 'requests per second')" 0:2
	n=$(echo "$err" | sed -n 's/.*notified:.* connect \([0-9]*\).*/\1/p')
	[ "${n:-0}" -gt 20 ] && [ "${n:-0}" -lt 200 ]
	ok "... its connections are asked about" "$n"
	unlike "... and nothing that is sent or received" "$err" \
	    'notified:.* (send|recv|read|write)'
fi

# ---- servers inside
I=$(port)
cat >serve.conf <<CONF
profile "default"
allow net bind tcp to loopback port $I
allow net accept tcp from { 127.0.0.1 [::1] }
allow net connect, bind, send unix path under "$WORK"
allow read under "$SITE"
CONF
inside() {	# COMMAND: a server, until it is up
	"$PRIVSEP" -l "$T/serve.log" -f serve.conf -- "$@" >"$T/serve.out" 2>&1 \
	    </dev/null &
	server=$!
	up "$I"
}
outside() {	# all that was asked for, and it ends
	kill "$server"
	wait "$server" 2>/dev/null
}
get_all() {
	curl -gsS --max-time 60 "http://127.0.0.1:$I$1" "http://[::1]:$I$1" 2>&1
}
mkdir -p inngx
nginx_conf "$WORK/inngx" "$I" >inngx/conf
inside nginx -p "$WORK/inngx" -c "$WORK/inngx/conf" -e "$WORK/inngx/error.log"
is "nginx inside" "$(echo $(get_all /hello))" "hello hello"
is "... a large file, by sendfile" "$(get_all /big | md5sum)" \
    "$(cat "$SITE/big" "$SITE/big" | md5sum)"
is "... through its own local socket" "$(get_all /up | sort -u)" index
is "... and a local socket for others" "$(curl -sS --max-time 60 \
    --unix-socket "$WORK/inngx/sock" http://x/hello 2>&1)" hello
python3 -c "import socket
s = socket.socket(); s.settimeout(60); s.bind(('127.0.0.7', 0)); s.connect(('127.0.0.1', $I))
s.sendall(b'GET /hello HTTP/1.0\r\n\r\n')
try: print(s.recv(9))
except OSError as e: print(e)" >"$T/peer" 2>&1
unlike "... not for every peer" "$(cat "$T/peer")" HTTP
outside
like "... which is told of" "$(cat "$T/serve.log")" \
    'net accept tcp 127.0.0.7 port'
if have node; then
	cat >srv.js <<'JS'
const http = require('http'), p = +process.argv[2];
const f = (q, r) => r.end('node ' + q.socket.remoteAddress + '\n');
http.createServer(f).listen(p, '127.0.0.1');
http.createServer(f).listen(p, '::1');
JS
	inside node srv.js "$I"
	is "node inside" "$(echo $(get_all /))" "node 127.0.0.1 node ::1"
	outside
fi
if have redis-server; then
	inside redis-server --port "$I" --bind 127.0.0.1 ::1 --dir "$WORK" \
	    --save '' --unixsocket "$WORK/rsock"
	is "redis inside" "$(echo $(redis-cli -h ::1 -p "$I" set a b
	    redis-cli -s "$WORK/rsock" get a))" "OK b"
	is "redis-benchmark against it" "$(redis-benchmark -p "$I" -q -n 2000 \
	    -c 30 -t ping_inline 2>&1 | tr '\r' '\n' | grep -c 'requests per')" 1
	outside
fi
inside python3 -m http.server "$I" --bind 127.0.0.1 -d "$SITE"
is "python's http.server inside" "$(curl -sS --max-time 60 \
    "http://127.0.0.1:$I/index.html" 2>&1)" index
outside
[ -z "$E2E_LONG" ] || . "$SRC/regress/e2e/netlong.sh"
exit 0
