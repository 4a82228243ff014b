#!/bin/sh
# Other programs' own tests, inside as outside: each is run bare and with every
# call that names a file handed to the broker, and what it says of each of its
# tests is compared.  For `make check-suites`: it takes an hour, gets sources
# and packages with apt-get(8) as root, and skips what it cannot get.
#
#	SUITES	which of them (all): see the functions suite_* below
#	AS	users to run as (65534; 0 as well takes twice the time)
#	KEEP	a directory for sources and results, kept (a new one, removed)
bin=$(readlink -f "${PRIVSEP:-./privsep-sandbox}")
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ "$(id -u)" -ne 0 ]; then
	echo "1..0 # SKIP packages are installed: run it as root"
	exit 0
fi
if [ -n "${KEEP:-}" ]; then
	top=$KEEP
	mkdir -p "$top" || exit 1
else
	top=$(mktemp -d /tmp/suites.XXXXXXXXXX) || exit 1
	trap 'rm -rf "$top"' EXIT
	trap 'exit 1' HUP INT TERM
fi
chmod 755 "$top"
mkdir -p "$top/src" "$top/run"
n=0

# Nothing is denied, and everything is asked for.
cat >"$top/all.conf" <<'END'
allow all under "/"
allow net
allow net bind unix
deny stat "/never-there"
hide glob "/**/*.never-there"
deny contents glob "/**/*.never-there-either"
allow syscall { shmget shmat shmctl setpriority }
END

# What differs, and why: suite, the line that a test is told by (ERE), reason.
cat >"$top/differs" <<'END'
coreutils	tests/(dd/nocache_eof|ls/stat-free-symlinks|mv/atomic2?)[.]	there are no tracers inside
coreutils	tests/(rm/r-root|tail-2/inotify-(only|ra|rot)[a-z2-]*)[.]	there are no tracers inside
coreutils	tests/(rm/deep-2|du/long-from-unreadable|misc/pwd-long)[.]	a name has 4096 bytes at most
coreutils	tests/tail-2/(inotify-dir-recreate|wait)[.]	hide glob: the directory is not watched
coreutils	tests/misc/nice[.]	other processes' priorities
stress	xattr [02]$	EINTR before the call was picked up: LIMITS
END

# ---- to run one

packages() {
	dpkg -s "$@" >/dev/null 2>&1 && return
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
	    --no-install-recommends "$@" </dev/null >"$top/apt.log" 2>&1
}

# source_of NAME: its Debian source, below $top/src; the name of the directory.
source_of() {
	dir=$(ls -d "$top/src/$1"-[0-9]*/ 2>/dev/null | head -1)
	if [ -z "$dir" ]; then
		packages dpkg-dev || return 1
		apt-get indextargets --format \
		    'deb-src $(REPO_URI) $(CODENAME) $(COMPONENT)' \
		    'Identifier: Packages' 'Origin: Debian' |
		    sort -u >"$top/src/list"
		mkdir -p "$top/src/lists/partial"
		set -- "$1" -qq -o Dir::Etc::sourcelist="$top/src/list" \
		    -o Dir::Etc::sourceparts=- \
		    -o Dir::State::lists="$top/src/lists"
		s=$1
		shift
		apt-get update "$@" >"$top/apt.log" 2>&1
		# the newest that the mirror has, not that it names
		for v in $(apt-cache showsrc "$@" "$s" |
		    sed -n 's/^Version: //p' | sort -rV); do
			(cd "$top/src" && apt-get source "$@" "$s=$v") \
			    >>"$top/apt.log" 2>&1 && break
		done
		dir=$(ls -d "$top/src/$s"-[0-9]*/ 2>/dev/null | head -1)
	fi
	[ -n "$dir" ] && echo "${dir%/}"
}

# result SUITE UID MODE: the command $todo, in a directory of its own; its
# lines about tests, without what changes from run to run.
result() {
	d=$top/run/$1.$2.$3
	rm -rf "$d"
	mkdir -p "$d/tmp" "$d/work"
	chown -R "$2:$2" "$d"
	set -- "$1" "$2" "$3" setpriv --reuid="$2" --regid="$2" --clear-groups
	# no capability that a program inside does not have
	[ "$2" -ne 0 ] || set -- "$@" --bounding-set=-all --no-new-privs
	name=$1 mode=$3
	shift 3
	[ "$mode" = bare ] || set -- "$@" "$bin" -l "$d/denied" \
	    -f "$top/all.conf" --
	(cd "$d/work" && env -i HOME="$d/work" TMPDIR="$d/tmp" PATH="$PATH" \
	    LANG=C.UTF-8 SHELL=/bin/sh USER=u LOGNAME=u TERM=xterm \
	    SRC="${src:-}" nice timeout -k 9 "$LIMIT" "$@" sh -c "$todo") \
	    </dev/null >"$d/out" 2>&1
	echo "status $?" >>"$d/out"
	"lines_$lines" <"$d/out" | sed -e "s,$d,DIR,g" | sort >"$d/lines"
}

lines_automake() { grep -a -E '^(PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): |^status'; }
lines_tap() { grep -a -E '^(not )?ok |^status' | sed 's/ [0-9]* - / - /'; }
lines_autotest() { grep -a -E '^ *[0-9]+: |^status' | sed 's/  */ /g'; }
lines_python() { grep -a -E ' \.\.\. [a-zA-Z]|^status' |
	sed 's/skipped.*/skipped/'; }
lines_all() { cat; }

compare() {	# SUITE
	for uid in ${AS:-65534}; do
		a=$top/run/$1.$uid.bare/lines b=$top/run/$1.$uid.with/lines
		result "$1" "$uid" bare
		s=$(date +%s)
		result "$1" "$uid" with
		echo "# $1: $(wc -l <"$a") lines, inside $(($(date +%s) - s)) s"
		n=$((n + 2))
		[ "$(wc -l <"$a")" -ge "$LEAST" ] ||
		    printf 'not '
		echo "ok - $1, user $uid: it was run ($LEAST lines at least)"
		diff "$a" "$b" | grep '^[<>]' >"$top/diff"
		awk -F '\t+' -v s="$1" '$1 == s { print $2 }' "$top/differs" \
		    >"$top/known"
		grep -E -f "$top/known" "$top/diff" | sed 's/^/# known: /'
		[ -s "$top/known" ] || echo '^never$' >"$top/known"
		grep -v -E -f "$top/known" "$top/diff" | grep -v 'status' \
		    >"$top/unknown"
		[ ! -s "$top/unknown" ] || printf 'not '
		echo "ok - $1, user $uid: inside as outside"
		sed 's/^/# /' "$top/unknown" | head -40
	done
}

skip() {
	n=$((n + 1))
	echo "ok - $1 # skip $2"
}

# ---- the suites

suite_coreutils() {
	packages gcc make && src=$(source_of coreutils) || {
		skip coreutils "no source"; return; }
	[ -e "$src/src/ls" ] || (cd "$src" && touch aclocal.m4 && find . -name configure -o \
	    -name Makefile.in -o -name config.hin -o -name "*.1" | xargs touch &&
	    FORCE_UNSAFE_CONFIGURE=1 ./configure -q && make -s -j2) \
	    >"$top/make.log" 2>&1
	todo='cp -a $SRC c && cd c && make -j2 check SUBDIRS=. VERBOSE='
	lines=automake LIMIT=2400 LEAST=500
	compare coreutils
}
suite_tar() {
	packages gcc make && src=$(source_of tar) || {
		skip tar "no source"; return; }
	[ -e "$src/src/tar" ] || (cd "$src" && touch tests/testsuite &&
	    FORCE_UNSAFE_CONFIGURE=1 ./configure -q && make -s -j2) \
	    >"$top/make.log" 2>&1
	todo='cp -a $SRC c && cd c/tests && make check TESTSUITEFLAGS=-j2'
	lines=autotest LIMIT=1200 LEAST=100
	compare tar
}
suite_git() {
	packages gcc make git zlib1g-dev libcurl4-openssl-dev libexpat1-dev &&
	    src=$(source_of git) || { skip git "no source"; return; }
	[ -e "$src/t/helper/test-tool" ] || (cd "$src" && make -s -j2 all \
	    NO_TCLTK=1 NO_GETTEXT=1) >"$top/make.log" 2>&1
	todo='mkdir g && cp -a $SRC/t g/ && for f in $SRC/*; do
	    [ "${f##*/}" = t ] || ln -s $f g/; done; cd g/t && for t in t0000 \
	    t0001 t0003 t0008 t0021 t0050 t0060 t1000 t1001 t1020 t1050 t1300 \
	    t1400 t1410 t1500 t2000 t2007 t2017 t2020 t2030 t2200 t2400 t3001 \
	    t3010 t3200 t3600 t3700; do sh $t-*.sh; done'
	lines=tap LIMIT=2400 LEAST=1500
	compare git
}
suite_perl() {
	packages perl && src=$(source_of perl) || {
		skip perl "no source"; return; }
	todo='mkdir lib; for d in $(perl -e "print join q( ), grep { -d } @INC")
	    do cp -rsn $d/. lib 2>/dev/null; done; l=$PWD/lib
	    for t in $SRC/t/io/*.t $SRC/t/op/stat.t $SRC/t/op/filetest.t; do
	    case $t in *socket*|*/sem.t|*/shm.t|*/msg.t) continue ;; esac
	    t=${t#$SRC/t/}; rm -rf p; mkdir p; cp -r $SRC/t $SRC/MANIFEST p/
	    ln -s $l p/lib
	    (cd p/t && ln -s /usr/bin/perl perl && timeout 60 ./perl $t 2>&1 |
	    sed -E "s/0x[0-9a-f]+//g; s/[0-9]{4,}/N/g; s/tmp_[A-Z]+/tmp/g") ; done'
	lines=tap LIMIT=1200 LEAST=15000
	compare perl
}
suite_python() {
	packages python3 libpython3.11-testsuite || {
		skip python "no tests"; return; }
	src=
	todo='python3 -m test -v --timeout 200 test_os test_posix test_shutil \
	    test_tempfile test_pathlib test_subprocess test_glob test_fileio \
	    test_file test_io test_stat test_genericpath test_posixpath \
	    test_mmap test_fcntl test_filecmp'
	lines=python LIMIT=1200 LEAST=1500
	compare python
}
suite_sqlite() {
	packages sqlite3 || { skip sqlite "no sqlite3"; return; }
	todo='sqlite3 x.db "pragma journal_mode = wal; create table t(a, b)"
	    for w in 1 2 3 4; do (i=0; while [ $i -lt 60 ]; do
	    sqlite3 -cmd ".timeout 60000" x.db "insert into t values($w, $i)"
	    i=$((i + 1)); done) & done; wait
	    sqlite3 x.db "select a, count(*), sum(b) from t group by a;
	    pragma integrity_check; pragma wal_checkpoint(truncate)"; ls'
	lines=all LIMIT=600 LEAST=7
	compare sqlite
}
suite_postgres() {
	packages postgresql postgresql-contrib || {
		skip postgres "no postgresql"; return; }
	pg=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
	todo="PATH=$pg:\$PATH"'
	    initdb -D pg -A trust >/dev/null 2>&1; echo initdb $?
	    pg_ctl -D pg -w -t 60 -l log -o "-c listen_addresses= \
	    -c unix_socket_directories=$PWD" start >/dev/null; echo start $?
	    createdb -h $PWD b && pgbench -h $PWD -i -s 2 -q b >/dev/null 2>&1
	    echo init $?; pgbench -h $PWD -c 4 -j 2 -t 200 b 2>&1 |
	    grep -E "actually|failed"; psql -h $PWD -Atc "select count(*) from
	    pgbench_accounts; select count(*) from pgbench_history; checkpoint;
	    vacuum" b; pg_ctl -D pg -w -m fast stop >/dev/null; echo stop $?
	    grep -c -E "FATAL|PANIC|ERROR" log'
	lines=all LIMIT=600 LEAST=7
	compare postgres
}
suite_rsync() {
	packages rsync || { skip rsync "no rsync"; return; }
	todo='rsync -aH /usr/include/ a/ && rsync -aH --delete --checksum -i \
	    /usr/include/ a/ && rsync -a --link-dest=../a a/ b/ &&
	    find a b -printf "%y %m %n %s %P %l\n" | sort | md5sum
	    find a | wc -l; rm -r a b; echo $?'
	lines=all LIMIT=1200 LEAST=4
	compare rsync
}
suite_dpkg() {
	[ -n "$(ls "$top"/src/*.deb 2>/dev/null)" ] || (cd "$top/src" &&
	    chmod 777 . && apt-get -qq download coreutils hello) \
	    >"$top/apt.log" 2>&1
	src=$top/src
	[ -n "$(ls "$src"/*.deb 2>/dev/null)" ] || {
		skip dpkg "no package"; return; }
	todo='for d in $SRC/*.deb; do dpkg-deb -x $d o; dpkg-deb -e $d o/C
	    dpkg-deb -I $d | md5sum; done
	    find o -type f -printf "%m %s %T@ %P\n" | sort | md5sum
	    dpkg-deb --root-owner-group -Znone -b o o.deb | tail -1'
	lines=all LIMIT=300 LEAST=3
	compare dpkg
}
suite_make() {
	src=$PWD
	todo='mkdir m && cp -r $SRC/GNUmakefile $SRC/monitor $SRC/worker \
	    $SRC/common $SRC/proto $SRC/regress $SRC/man m && cd m &&
	    make -s -j2 privsep-sandbox >log 2>&1; echo $?
	    md5sum <privsep-sandbox; find build -name "*.o" | sort |
	    xargs md5sum | md5sum'
	lines=all LIMIT=900 LEAST=3
	compare make
}
suite_stress() {
	packages stress-ng || { skip stress "no stress-ng"; return; }
	# nothing that ends by chance: sockets, leases, other devices
	todo='for s in access chdir chmod chown dentry dir dirdeep dup fallocate \
	    fcntl filename flock getdent hdd link mknod open rename symlink \
	    touch unlink utime xattr fstat fpunch seek; do
	    timeout 90 stress-ng --$s 2 --timeout 2 --temp-path . -q \
	    >/dev/null 2>&1; echo $s $?; done; ls'
	lines=all LIMIT=900 LEAST=25
	compare stress
}

for s in ${SUITES:-coreutils tar git perl python sqlite postgres rsync dpkg \
    make stress}; do
	"suite_$s"
done
echo "1..$n"
