# The long part of netprog.t: databases, remote shells, other machines.
# Servers outside, clients inside, and the other way round.

postgres=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
# A server that will not run as root runs as nobody.
as_nobody() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# ---- PostgreSQL, by TCP and by its local socket
if [ -n "$postgres" ] && have psql; then
	G=$(port)
	# the name of its socket has to fit
	PG=$(mktemp -d "$TMPDIR/pg.XXXXXX")
	chmod 755 "$PG"
	[ "$(id -u)" -ne 0 ] || chown 65534:65534 "$PG"
	as_nobody "$postgres/initdb" -D "$PG/data" -A trust -U u \
	    >"$T/initdb" 2>&1
	spawn "$T/postgres" as_nobody "$postgres/postgres" -D "$PG/data" \
	    -h 127.0.0.1,::1 -p "$G" -k "$PG"
	up "$G"
	wait_for 200 psql -h 127.0.0.1 -p "$G" -U u postgres -c 'select 1'
	ok "PostgreSQL is up" "$(cat "$T/initdb" "$T/postgres")"
	cat >q.sql <<'SQL'
set client_min_messages = warning;
drop table if exists t;
create table t (a int, b text);
insert into t select i, repeat('x', i) from generate_series(1, 2000) i;
select count(*), sum(length(b)), md5(string_agg(b, ',' order by a)) from t;
\copy t to 'copied'
\copy t from 'copied'
select count(*) from t;
select inet_client_addr();
\dt
SQL
	for how in $ways; do
		rules $how "$G" >pg.conf
		for h in 127.0.0.1 ::1; do
			equal "$how: psql to $h" pg.conf psql -X -q -h $h \
			    -p "$G" -U u postgres -f q.sql
		done
	done
	run -f pg.conf -- psql -X -h 127.0.0.1 -p "$N" -U u postgres -c 'select 1'
	is "psql elsewhere" "$st" 2
	like "... says so" "$err" 'Permission denied'
	{
		echo 'profile "default"'
		echo "allow net connect unix path \"$PG/.s.PGSQL.$G\""
	} >pgu.conf
	equal "psql by the local socket" pgu.conf psql -X -q -h "$PG" -p "$G" \
	    -U u postgres -f q.sql
	run -- psql -X -h "$PG" -p "$G" -U u postgres -c 'select 1'
	is "... without a rule" "$st" 2
	if [ "$(id -u)" -ne 0 ]; then
		# inside: several processes, shared memory, signals, semaphores
		I=$(port)
		mkdir pgin
		sed "s/port [0-9]*$/port $I/" serve.conf >pgserve.conf
		# it keeps a segment of SysV memory, which no rule gives unasked
		echo 'allow syscall { shmget shmat shmctl }' >>pgserve.conf
		"$postgres/initdb" -D "$WORK/pgin" --auth-local=peer \
		    --auth-host=trust -U "$(id -un)" --no-sync >"$T/initdb" 2>&1
		"$PRIVSEP" -l "$T/pg.log" -f pgserve.conf -- \
		    "$postgres/postgres" -D "$WORK/pgin" -h 127.0.0.1 -p "$I" \
		    -k "$WORK" >"$T/pgin" 2>&1 </dev/null &
		server=$!
		wait_for 300 psql -h 127.0.0.1 -p "$I" postgres -c 'select 1'
		is "PostgreSQL inside, TCP" "$(psql -XAtq -h 127.0.0.1 -p "$I" \
		    postgres -c 'select sum(i) from generate_series(1, 999) i' 2>&1)" \
		    499500
		is "... the local socket, by its peer's user" "$(psql -XAtq \
		    -h "$WORK" -p "$I" postgres -c 'select current_user' 2>&1)" \
		    "$(id -un)"
		kill -INT "$server"
		wait "$server" 2>/dev/null
		like "... and ends in order" "$(cat "$T/pgin")" \
		    'database system is shut down'
	fi
else
	skip "PostgreSQL" "not installed"
fi

# ---- rsync
if have rsync; then
	Y=$(port)
	mkdir -p rs/in
	cat >"$T/rsyncd.conf" <<CONF
use chroot = no
$([ "$(id -u)" -ne 0 ] || printf 'uid = root\ngid = root')
pid file = $T/rsyncd.pid
[site]
path = $SITE
[up]
path = $T/up
read only = no
CONF
	mkdir "$T/up"
	spawn "$T/rsyncd" rsync --daemon --no-detach --address=127.0.0.1 \
	    --port="$Y" --config="$T/rsyncd.conf"
	up "$Y"
	for how in $ways; do
		rules $how "$Y" >rs.conf
		equal "$how: rsync from a daemon" rs.conf sh -c \
		    "rm -rf rs/in; rsync -r --port=$Y 127.0.0.1::site rs/in &&
		    (cd rs/in && find . -type f | sort | xargs md5sum)"
		equal "$how: rsync to it" rs.conf sh -c \
		    "rsync -r --port=$Y rs/in/index.html 127.0.0.1::up/ && echo sent"
	done
	run -f address.conf -- rsync --port="$Y" 127.0.0.1::site
	like "rsync elsewhere" "$err" 'Permission denied \(13\)'
else
	skip "rsync" "not installed"
fi

# ---- ssh
like "ssh -V" "$(sb -- ssh -V 2>&1)" '^OpenSSH'
# root's wants a directory in /run: one of its own
sshd='exec /usr/sbin/sshd "$@"'
if [ "$(id -u)" -eq 0 ]; then
	sshd="mount -t tmpfs none /run && mkdir -m 755 /run/sshd && $sshd"
	sshd_in='unshare -m'
else
	sshd_in=
fi
if [ -x /usr/sbin/sshd ] && have ssh-keygen && $sshd_in true; then
	H=$(port)
	mkdir -p "$T/ssh" .ssh
	chmod 700 .ssh
	ssh-keygen -q -t ed25519 -N '' -f "$T/ssh/host"
	ssh-keygen -q -t ed25519 -N '' -f "$WORK/.ssh/id"
	cp .ssh/id.pub "$T/ssh/keys"
	cat >"$T/ssh/conf" <<CONF
ListenAddress 127.0.0.1:$H
HostKey $T/ssh/host
AuthorizedKeysFile $T/ssh/keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
CONF
	spawn "$T/ssh/log" $sshd_in sh -c "$sshd" sshd -D -e -f "$T/ssh/conf"
	up "$H"
	cat >"$WORK/.ssh/config" <<CONF
StrictHostKeyChecking no
UserKnownHostsFile $WORK/.ssh/known
IdentityFile $WORK/.ssh/id
IdentitiesOnly yes
BatchMode yes
LogLevel ERROR
CONF
	set -- ssh -F "$WORK/.ssh/config" -p "$H" "$(id -un)@127.0.0.1"
	if "$@" true 2>"$T/ssh/bare"; then
		for how in $ways; do
			rules $how "$H" >ssh.conf
			echo "allow read under \"$WORK/.ssh\"" >>ssh.conf
			equal "$how: ssh: a command, a megabyte each way" \
			    ssh.conf sh -c "head -c 1000000 /dev/zero |
			    $* 'cat; exit 7' | md5sum; $* exit 7; echo \$?"
		done
		run -f address.conf -r "allow read under \"$WORK/.ssh\"" -- "$@" true
		is "ssh elsewhere" "$st" 255
		like "... says so" "$err" 'Permission denied'
	else
		skip "ssh" "no log-in here: $(tail -1 "$T/ssh/bare")"
	fi
else
	skip "ssh" "no sshd that could run"
fi

# ---- addresses that are not loopback: two network namespaces, one cable
if [ "$(id -u)" -eq 0 ] && have ip && unshare -n true 2>/dev/null; then
	cat >"$T/ns.sh" <<'SH'
# in a namespace of our own; the peer is another, held by a sleep
set -e
unshare -n sleep 600 & peer=$!
trap 'kill $peer $srv 2>/dev/null' EXIT
srv=
in_peer() { nsenter -t $peer -n "$@"; }
i=0
until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
	i=$((i + 1)); [ $i -lt 100 ] || exit 1; sleep 0.1
done
ip link set lo up
ip link add v0 type veth peer name v1
ip link set v1 netns $peer
ip addr add 10.9.0.1/24 dev v0
ip addr add fd09::1/64 dev v0 nodad
ip link set v0 up
in_peer ip link set lo up
for a in 10.9.0.2/24 10.9.0.3/24; do in_peer ip addr add $a dev v1; done
in_peer ip addr add fd09::2/64 dev v1 nodad
in_peer ip link set v1 up
in_peer python3 -c '
import socket, sys, threading
def tcp(fam, host):
    s = socket.socket(fam); s.setsockopt(1, 2, 1); s.bind((host, 80)); s.listen()
    def run():
        while True:
            c, a = s.accept(); c.sendall(("%s from %s" % (host, a[0])).encode()); c.close()
    threading.Thread(target=run).start()
def udp(fam, host):
    s = socket.socket(fam, 2); s.bind((host, 53))
    def run():
        while True: x, a = s.recvfrom(99); s.sendto(x[::-1], a)
    threading.Thread(target=run).start()
for h in "10.9.0.2", "10.9.0.3": tcp(2, h); udp(2, h)
tcp(10, "fd09::2"); udp(10, "fd09::2")
open(sys.argv[1], "w").close()' "$1" & srv=$!
i=0
until [ -e "$1" ]; do i=$((i + 1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done
cat >far.py <<'PY'
import errno, socket
def t(name, f):
    try: print(name, f(), flush=True)
    except OSError as e: print(name, errno.errorcode.get(e.errno, e), flush=True)
def tcp(h, p=80):
    with socket.create_connection((h, p), 30) as s: return s.recv(99)
def udp(h):
    s = socket.socket(10 if ":" in h else 2, 2); s.settimeout(30); s.sendto(b"abc", (h, 53)); return s.recv(9)
for h in "10.9.0.2", "10.9.0.3", "fd09::2", "10.9.0.1", "127.0.0.1": t(h, lambda: tcp(h))
t("port", lambda: tcp("10.9.0.2", 81))
t("mapped", lambda: tcp("::ffff:10.9.0.3"))
for h in "10.9.0.2", "10.9.0.3", "fd09::2": t("udp " + h, lambda: udp(h))
def source(h):
    s = socket.socket(); s.bind((h, 0)); s.connect(("10.9.0.2", 80)); return s.recv(99)
t("bound", lambda: source("10.9.0.1")); t("bound lo", lambda: socket.socket().bind(("127.0.0.1", 0)))
PY
cat >far.conf <<'CONF'
profile "default"
allow net connect tcp to 10.9.0.0/24 port 80
allow net connect tcp to fd09::/16 port { 79-81 }
deny net connect to 10.9.0.3
allow net send udp to { 10.9.0.2 fd09::2 } port 53
allow net bind tcp to 10.9.0.1
CONF
"$PRIVSEP" -f far.conf -- python3 far.py
SH
	unshare -n env PRIVSEP="$PRIVSEP" sh "$T/ns.sh" "$T/far" >"$T/far.out" \
	    2>"$T/far.err"
	is "addresses of another machine" "$(cat "$T/far.out")" \
	    "10.9.0.2 b'10.9.0.2 from 10.9.0.1'
10.9.0.3 EACCES
fd09::2 b'fd09::2 from fd09::1'
10.9.0.1 ECONNREFUSED
127.0.0.1 EACCES
port EACCES
mapped EACCES
udp 10.9.0.2 b'cba'
udp 10.9.0.3 EACCES
udp fd09::2 b'cba'
bound b'10.9.0.2 from 10.9.0.1'
bound lo EACCES"
	sed 's/^/# /' "$T/far.err" | grep -v denied: >&2
else
	skip "addresses of another machine" "needs root and ip"
fi
