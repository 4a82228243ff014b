# Servers and clients of netprog.t; sourced after lib.sh.
# Ports are the kernel's choice, servers the test's own, all below $T.

SITE=$T/site

port() {	# a port that is free now, on both addresses
	python3 - <<'PY'
import socket
while True:
    a = socket.socket(); a.bind(('127.0.0.1', 0)); p = a.getsockname()[1]
    b = socket.socket(socket.AF_INET6); b.setsockopt(41, 26, 1)
    try: b.bind(('::1', p))
    except OSError: continue
    print(p); break
PY
}
pids=
spawn() {	# LOG COMMAND ...
	spawn_log=$1
	shift
	"$@" >"$spawn_log" 2>&1 </dev/null &
	pids="$pids $!"
}
stop_all() {
	for p in $pids; do
		kill "$p" 2>/dev/null
	done
	for p in $pids; do
		wait "$p" 2>/dev/null
	done
	pids=
}
trap stop_all EXIT
up() {		# PORT
	wait_for 200 python3 -c "import socket
socket.create_connection(('127.0.0.1', $1), 5)"
}

nginx_conf() {	# DIR PORT
	mkdir -p "$1/tmp"
	cat <<CONF
daemon off; pid $1/pid; error_log $1/error.log; worker_processes 2;
$([ "$(id -u)" -ne 0 ] || echo 'user root;')
events { worker_connections 256; }
http {
access_log off; sendfile on;
client_body_temp_path $1/tmp/b; proxy_temp_path $1/tmp/p;
fastcgi_temp_path $1/tmp/f; uwsgi_temp_path $1/tmp/u; scgi_temp_path $1/tmp/s;
server { listen 127.0.0.1:$2; listen [::1]:$2; listen unix:$1/sock; root $SITE;
location = /hello { return 200 "hello\n"; }
location /up { proxy_pass http://unix:$1/sock:/; } }
}
CONF
}
site() {
	mkdir -p "$SITE"
	head -c 3000000 /dev/zero | tr '\0' 'n' >"$SITE/big"
	echo index >"$SITE/index.html"
	git init -q "$T/repo" && (cd "$T/repo" &&
	    git config user.email a@b && git config user.name n &&
	    seq 3000 >f && git add f && git commit -qm one && seq 9 >g &&
	    git add g && git commit -qm two) &&
	    git clone -q --bare "$T/repo" "$SITE/repo.git" &&
	    git -C "$SITE/repo.git" update-server-info
}

# The rules of the three ways to hold TCP ports: "how" and what they read.
ways='address table ports'
rules() {	# WAY PORT ...: a file of rules
	way=$1
	shift
	echo 'profile "default"'
	case $way in
	address)
		echo "allow net connect tcp to { 127.0.0.1 [::1] } port { $* }"
		;;
	table)
		printf '127.0.0.1\n::1\n' >"$T/hosts.txt"
		echo "table <hosts> file \"$T/hosts.txt\""
		echo 'deny net connect to any'
		echo "allow net connect tcp to <hosts> port { $* }"
		;;
	ports)
		echo "allow net connect tcp port { $* }"
		;;
	esac
}

# equal NAME CONF COMMAND: bare and inside, the same output and status.
equal() {
	equal_name=$1
	equal_conf=$2
	shift 2
	timeout -k 5 "$LIMIT" "$@" >"$T/eq.bare" 2>"$T/eq.bare.err" </dev/null
	equal_bare=$?
	sb -l "$T/eq.log" -f "$equal_conf" -- "$@" >"$T/eq.in" \
	    2>"$T/eq.in.err" </dev/null
	equal_in=$?
	[ $equal_bare -eq $equal_in ] && [ $equal_bare -eq 0 ] &&
	    cmp -s "$T/eq.bare" "$T/eq.in" &&
	    cmp -s "$T/eq.bare.err" "$T/eq.in.err"
	ok "$equal_name" "status: bare $equal_bare, inside $equal_in" \
	    "$(diff -a "$T/eq.bare" "$T/eq.in" | head -8 | cut -c1-200)" \
	    "$(diff -a "$T/eq.bare.err" "$T/eq.in.err" | head -8)" \
	    "$(tail -3 "$T/eq.log" 2>/dev/null)"
}
