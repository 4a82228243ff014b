#!/bin/sh
#
# The bench: what the sandbox costs, as ratios taken in one interleaved run.
# Prints; it never fails because something was slow.  Exit status 1 when
# something could not run at all.
#
#	run.sh [-u] [-n count] [-r rounds] [-t seconds] [section ...]
#
# Sections:
#	calls		nanoseconds per system call
#	startup		of /bin/true, with few rules and with many
#	exec		of /bin/true inside, by posix_spawn(3)
#	hash		of a file whose digest is not known
#	net		nanoseconds per connection, and per send on one
#	hidden		is what is hidden told by time?
#	redis		requests per second of redis-benchmark, if installed
#	memory		of the roles
#	build		a C project with make -j2, on all processors
#	build-pinned	the same on one
#	git		git status where there are 4,000 files
#	find		find -printf in /usr, with stat
#	python		python3 -c pass
#	startup-breakdown	only when asked for
#
# A section repeats its round until the next would take it beyond -t seconds
# (100), at least MIN_ROUNDS and at most -r times.  -u, as root: everything as
# user and group 65534, on a copy of this tree.
#
# Environment: PRIVSEP (./privsep-sandbox), BUILD (build), TMPDIR: where the
# scratch directory is made, BENCH_PROJECT: a directory with a makefile to build
# (default: this project).  Not below /dev/shm: for a working directory there
# the default profile needs the broker, and that is another measurement.

set -u
# Debian's: with each directory more that a program is looked for in there is
# an execve(2) that fails.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

MIN_ROUNDS=3
SECTIONS="calls startup exec hash net hidden redis memory build build-pinned \
    git find python"

rounds=15
count=5500
seconds=100
failed=0
other_user=

usage() {
	echo "usage: run.sh [-u] [-n count] [-r rounds] [-t seconds]" \
	    "[section ...]" >&2
	exit 2
}
while getopts n:r:t:u opt; do
	case $opt in
	n)	count=$OPTARG ;;
	r)	rounds=$OPTARG ;;
	t)	seconds=$OPTARG ;;
	u)	other_user=65534 ;;
	*)	usage ;;
	esac
done
shift $((OPTIND - 1))
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $SECTIONS

absolute() {
	case $1 in
	/*)	echo "$1" ;;
	*)	echo "$PWD/$1" ;;
	esac
}
privsep=$(absolute "${PRIVSEP:-./privsep-sandbox}")
bench=$(absolute "${BUILD:-build}")/bench
top=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/privsep-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

for f in supervisor calls spawn net hash hidden; do
	if [ ! -x "$bench/$f" ]; then
		echo "$bench/$f is missing: make bench builds it" >&2
		exit 1
	fi
done

# As another user: a copy of what we need, where that user can reach it.
if [ -n "$other_user" ]; then
	mkdir -p tree/build tree/regress
	cp -R "$top/GNUmakefile" "$top/monitor" "$top/worker" "$top/common" \
	    "$top/proto" tree
	cp -R "$top/regress/bench" tree/regress
	cp -R "$bench" tree/build
	cp "$privsep" tree/privsep-sandbox
	chown -R "$other_user:$other_user" "$work"
	cd tree || exit 1
	# A home of its own: what is in ours it may not even look up.
	PRIVSEP=./privsep-sandbox BUILD=build TMPDIR=$work HOME=$work \
	    setpriv --reuid "$other_user" --regid "$other_user" \
	    --clear-groups sh regress/bench/run.sh -n "$count" -r "$rounds" \
	    -t "$seconds" "$@"
	exit
fi

# Two rules of which one is a denied glob, which only the broker can enforce.
cat > broker.conf <<-'END'
	allow all under "/"
	deny contents glob "/**/*.never-matches"
END
# The same glob after the default profile: every open is brokered, and looked
# up in all the rules a user would have.
echo 'deny contents glob "/**/*.never-matches"' > glob.conf
# Looking and listing through the broker too.
cat > looks.conf <<-'END'
	allow all under "/"
	deny stat "/never-matches"
	hide glob "/**/*.never-matches"
END
# 200 rules on what is not there, and on what is: there the compiler has to
# split what is allowed around what is denied.
{
	echo 'allow all under "/"'
	i=1
	while [ $i -lt 200 ]; do
		echo "deny write under \"/usr/share/bench-$i\""
		i=$((i + 1))
	done
} > absent200.conf
{
	echo 'allow all under "/"'
	find /usr/share /usr/include /usr/lib /usr/bin -mindepth 1 \
	    -maxdepth 2 ! -name '*[^a-zA-Z0-9_.-]*' | LC_ALL=C sort | awk '
	    { line[NR] = $0 }
	    END {
		n = NR < 199 ? NR : 199
		for (i = 1; i <= n; i++)
			printf "deny contents under \"%s\"\n",
			    line[int(i * NR / n)]
	    }'
} > rules200.conf

# The wrappers a command is run in.
bwrap_ref="bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev \
    --tmpfs /tmp --bind $work $work --chdir $work"
wrap() {
	case $1 in
	bare)		echo "" ;;
	filter)		echo "$bench/supervisor -e" ;;
	supervisor)	echo "$bench/supervisor -a" ;;
	verifier)	echo "$bench/supervisor -x" ;;
	verified)	echo "$privsep -p default -f $work/verified.conf --" ;;
	verified-early)	echo "$privsep -p default -f $work/early.conf --" ;;
	connecting)	echo "$bench/supervisor -c" ;;
	address)	echo "$privsep -f $work/net.conf --" ;;
	ports)		echo "$privsep -f $work/ports.conf --" ;;
	tpe)		echo "$privsep -p default -f $work/tpe.conf --" ;;
	asked)		echo "$privsep -p default -f $work/asked.conf --" ;;
	tpe-asked)	echo "$privsep -p default -f $work/tpe-asked.conf --" ;;
	default)	echo "$privsep --" ;;
	watch)		echo "$privsep -w --" ;;
	broker)		echo "$privsep -p default -f $work/glob.conf --" ;;
	broker2)	echo "$privsep -f $work/broker.conf --" ;;
	looks)		echo "$privsep -f $work/looks.conf --" ;;
	absent200)	echo "$privsep -f $work/absent200.conf --" ;;
	rules200)	echo "$privsep -f $work/rules200.conf --" ;;
	bwrap)		echo "$bwrap_ref" ;;
	esac
}

# Leave in $usable those wrappers that can run /bin/true here; say why not.
probe() {
	usable=
	for w; do
		if $(wrap "$w") /bin/true > probe.log 2>&1; then
			usable="$usable $w"
		else
			echo "cannot run: $w: $(tail -n 1 probe.log)"
			failed=1
		fi
	done
}

# 'taskset -c CPU' for the first CPU we may use; pinned as DESIGN asks.
cpu=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
pin() {
	case $1 in
	pinned)		echo "taskset -c $cpu" ;;
	unpinned)	echo "" ;;
	esac
}

# another_round: 0 while the section may have another round.  Sets $round.
section_begin() {
	round=0
	begun=$(date +%s)
	: > samples
}
another_round() {
	spent=$(($(date +%s) - begun))
	if [ "$round" -ge "$rounds" ] || { [ "$round" -ge $MIN_ROUNDS ] &&
	    [ $((spent + spent / round)) -gt "$seconds" ]; }; then
		return 1
	fi
	round=$((round + 1))
}

# The words after the first, which says how often to put the first one last:
# so that none is always the first of a round.
turned() {
	n=$(($1 % ($# - 1)))
	shift
	while [ $n -gt 0 ]; do
		first=$1
		shift
		set -- "$@" "$first"
		n=$((n - 1))
	done
	echo "$@"
}

# Samples are lines "place row wrapper value" in samples; awk does the rest.
# ratio(place, row, a, b) is the median over the rounds of a/b in that round:
# neighbours in time, so that a change of clock speed divides out.
awklib='
function sorted(v, n,   i, j, t) {
	for (i = 2; i <= n; i++) {
		t = v[i]
		for (j = i - 1; j > 0 && v[j] > t; j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
}
function middle(v, n) {
	sorted(v, n)
	return (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2
}
function median(key,   i, v) {
	if (!(key in n))
		return -1
	for (i = 1; i <= n[key]; i++)
		v[i] = val[key, i]
	return middle(v, n[key])
}
function ratio(a, b,   i, v, m) {
	if (!(a in n) || !(b in n))
		return -1
	m = n[a] < n[b] ? n[a] : n[b]
	for (i = 1; i <= m; i++)
		v[i] = val[a, i] / val[b, i]
	return middle(v, m)
}
function num(x, fmt) {
	return x < 0 ? "-" : sprintf(fmt, x)
}
function target(what, x, max, note) {
	if (x < 0)
		printf "%-52s %8s  target <= %.2f  not measured\n", \
		    what, "-", max
	else
		printf "%-52s %8.2f  target <= %.2f  %s%s\n", what, x, max, \
		    x <= max ? "PASS" : "above", note
}
# A quartile of the ratio: with few rounds the lowest (0), the highest (1).
function quartile(a, b, high,   i, v, m) {
	m = n[a] < n[b] ? n[a] : n[b]
	for (i = 1; i <= m; i++)
		v[i] = val[a, i] / val[b, i]
	sorted(v, m)
	i = int((m + 3) / 4)
	return v[high ? m + 1 - i : i]
}
function place_row(key) {
	if (!(key in seen)) {
		seen[key] = 1
		order[++norder] = key
	}
}
{
	key = $1 " " $2 " " $3
	val[key, ++n[key]] = $4
	place_row($1 " " $2)
}
'

section_calls() {
	probe bare filter supervisor default broker2 looks
	cp "$bench/calls" calls
	section_begin
	while another_round; do
	for p in pinned unpinned; do
	for row in open create getppid stat read rename mkdir readdir open8; do
	for w in $usable; do
		case $w,$row in
		looks,stat | looks,readdir) ;;
		looks,*) continue ;;
		esac
		# shellcheck disable=SC2046
		if ! $(pin $p) $(wrap "$w") ./calls -n "$count" $row \
		    > out 2> err; then
			echo "cannot run: $w: calls $row: $(tail -n 1 err)"
			failed=1
			usable=$(echo "$usable " | sed "s/ $w / /")
			continue
		fi
		awk -v p=$p -v w="$w" '{ print p, $1, w, $2 }' out >> samples
	done
	done
	done
	done
	echo
	echo "Nanoseconds per call, median of $round rounds; ratios are" \
	    "medians of each round's."
	echo "filter: an empty seccomp filter; superv: the minimal" \
	    "one-process supervisor;"
	echo "broker: every open brokered, by two rules."
	awk "$awklib"'
	END {
		printf "%-8s %-8s %8s %8s %8s %8s %8s %9s %9s %9s\n", \
		    "cpu", "call", "bare", "filter", "superv", "default", \
		    "broker", "brk/super", "brk/bare", "def/bare"
		for (i = 1; i <= norder; i++) {
			k = order[i]
			split(k, f, " ")
			printf "%-8s %-8s %8s %8s %8s %8s %8s %9s %9s %9s\n", \
			    f[1], f[2], num(median(k " bare"), "%.0f"), \
			    num(median(k " filter"), "%.0f"), \
			    num(median(k " supervisor"), "%.0f"), \
			    num(median(k " default"), "%.0f"), \
			    num(median(k " broker2"), "%.0f"), \
			    num(ratio(k " broker2", k " supervisor"), "%.2f"), \
			    num(ratio(k " broker2", k " bare"), "%.2f"), \
			    num(ratio(k " default", k " bare"), "%.2f")
		}
		print ""
		target("open+close pinned, broker / supervisor", \
		    ratio("pinned open broker2", "pinned open supervisor"), 2.5)
		split("stat readdir", c, " ")
		for (i = 1; i <= 2; i++) {
			k = "pinned " c[i]
			printf "%s pinned, looked at by the broker: %s ns, " \
			    "%s times bare, %s times the supervisor\n", c[i], \
			    num(median(k " looks"), "%.0f"), \
			    num(ratio(k " looks", k " bare"), "%.1f"), \
			    num(ratio(k " looks", k " supervisor"), "%.2f")
		}
		split("getppid stat read", c, " ")
		for (i = 1; i <= 3; i++) {
			k = "pinned " c[i]
			target(c[i] " pinned, default / bare", \
			    ratio(k " default", k " bare"), 1.05, \
			    sprintf(" (an empty filter: %.2f)", \
			    ratio(k " filter", k " bare")))
			target(c[i] " pinned, default / an empty filter", \
			    ratio(k " default", k " filter"), 1.05)
		}
	}' samples
	usable=
}

# Alternating runs by spawn, which takes the medians itself.
section_startup() {
	probe bare bwrap default broker rules200 absent200
	: > samples
	for p in pinned unpinned; do
		set --
		for w in $usable; do
			# shellcheck disable=SC2046
			set -- "$@" $(wrap "$w") /bin/true ++
		done
		if ! $(pin $p) "$bench/spawn" -n 200 "$@" > out 2> err; then
			echo "cannot run: start-up: $(tail -n 1 err)"
			failed=1
			continue
		fi
		for w in $usable; do
			read -r med p10 p90 rest
			echo "$p $w us $med $p10 $p90 $rest"
		done < out >> samples
	done
	echo
	echo "Start-up of /bin/true, microseconds, 200 alternating runs each."
	awk "$awklib"'
	{ low[$1, $2] = $5; high[$1, $2] = $6 }
	END {
		printf "%-8s %-10s %9s %9s %9s\n", "cpu", "in", "median", \
		    "10%", "90%"
		for (i = 1; i <= norder; i++) {
			split(order[i], f, " ")
			printf "%-8s %-10s %9.0f %9.0f %9.0f\n", f[1], f[2], \
			    median(order[i] " us"), low[f[1], f[2]], \
			    high[f[1], f[2]]
		}
		print ""
		split("unpinned pinned", c, " ")
		for (i = 1; i <= 2; i++) {
			p = c[i]
			target("start-up " p ", default / bwrap", \
			    ratio(p " default us", p " bwrap us"), 2)
			target("start-up " p ", 200 rules / default", \
			    ratio(p " rules200 us", p " default us"), 1.5)
			target("start-up " p ", 200 rules, absent / default", \
			    ratio(p " absent200 us", p " default us"), 1.5)
		}
	}' samples
}

# The lowest decile: what a spawn costs when nobody is in its way.
section_exec() {
	true=$(realpath /bin/true)
	for f in "$true" "$(realpath /lib64/ld-linux-x86-64.so.2)"; do
		echo "verify exec \"$f\" sha256 $(sha256sum < "$f" |
		    cut -d' ' -f1)"
	done > early.conf
	# Digests of what is mapped only, and looked at before the call as well.
	{ cat early.conf; echo 'set exec-check late'; } > verified.conf
	# Trusted paths: of what is mapped only, and asked before as well, to be
	# compared with what is asked for anyway.
	cat > tpe.conf <<-END
		set tpe yes
		set exec-check late
		tpe trust "$PWD/spawn"
	END
	cat > asked.conf <<-'END'
		deny exec class script
	END
	cat tpe.conf asked.conf | sed /exec-check/d > tpe-asked.conf
	probe bare filter verifier default verified verified-early tpe asked tpe-asked
	cp "$bench/spawn" spawn
	section_begin
	while another_round; do
	for p in pinned unpinned; do
	# shellcheck disable=SC2086
	for w in $(turned "$round" $usable); do
		# shellcheck disable=SC2046
		$(pin $p) $(wrap "$w") ./spawn -q -n 200 -w 20 "$true" > out
		awk -v k="$p exec $w" '{ print k, $2 }' out >> samples
	done
	done
	done
	echo
	echo "Microseconds to spawn and wait for /bin/true, lowest decile of" \
	    "200, least and median of"
	echo "$round rounds.  verifier: one process that stops the image," \
	    "opens it, reads its map"
	echo "and asks nobody; verified: its digest and its interpreter's" \
	    "are listed; tpe: set"
	echo "tpe yes, with exec-check late; asked: by a class that the policy" \
	    "worker looks for;"
	echo "tpe-asked: both, with exec-check early."
	awk "$awklib"'
	function least(key,   i, m) {
		for (i = 1; i <= n[key]; i++)
			if (i == 1 || val[key, i] < m)
				m = val[key, i]
		return m
	}
	END {
		split("bare filter verifier default verified " \
		    "verified-early tpe asked tpe-asked", w, " ")
		split("pinned unpinned", c, " ")
		for (i = 1; i <= 2; i++)
			for (j = 1; j <= 9; j++) {
				k = c[i] " exec " w[j]
				if (!(k in n))
					continue
				b = c[i] " exec bare"
				printf "%-9s %-14s %8.0f %8.0f  least/bare " \
				    "%.3f\n", c[i], w[j], least(k), \
				    median(k), least(k) / least(b)
			}
		print ""
		k = "pinned exec verified"
		target("exec verified pinned, least / bare", \
		    k in n ? least(k) / least("pinned exec bare") : -1, 1.12, \
		    sprintf(" (one process that asks nobody: %.2f)", \
		    least("pinned exec verifier") / least("pinned exec bare")))
		k = "pinned exec tpe"
		target("exec with trusted paths pinned, least / without", \
		    k in n ? least(k) / least("pinned exec default") : -1, \
		    1.03, "")
		k = "pinned exec tpe-asked"
		target("the same where the policy worker is asked anyway", \
		    k in n ? least(k) / least("pinned exec asked") : -1, \
		    1.03, "")
	}' samples
}

# The integrity worker's hashing, where nothing comes from its cache, against
# libsodium's own on as much memory.
section_hash() {
	echo
	if ! $(pin pinned) "$bench/hash" hashed 64 "$rounds" > out 2> err ||
	    ! $(pin pinned) "$bench/hash" -d hashed 64 3 > out.disk 2>> err
	then
		echo "cannot run: hash: $(tail -n 1 err)"
		failed=1
		return
	fi
	echo "MB/s of 64 MiB, medians of $rounds rounds; disk: dropped from" \
	    "the page cache before, 3 rounds."
	cat out
	sed 's/^/disk: /' out.disk
	awk "$awklib"'
	$1 == "blake2b" {
		printf "%-52s %8.2f  target >= %.2f  %s\n", \
		    "cold blake2b of a file, of its speed in memory", $7, 0.9, \
		    ($7 >= 0.9) ? "PASS" : "below"
	}' out
}

# Every descendant of $1, and $1.
# Connections to a server outside: brokered, and by Landlock's ports.
section_net() {
	{
		echo 'profile "default"'
		echo "allow exec under \"$bench\""
		echo 'allow net connect tcp to loopback'
	} > net.conf
	sed 's/ to loopback/ to any/' net.conf > ports.conf
	"$bench/net" -s > port &
	server=$!
	trap 'kill $server; rm -rf "$work"' EXIT
	while [ ! -s port ]; do
		sleep 0.1
	done
	sed "s/ to any/ port $(cat port)/" ports.conf > ports.new
	mv ports.new ports.conf
	probe bare connecting address ports
	section_begin
	while another_round; do
		# shellcheck disable=SC2086
		for w in $(turned $round $usable); do
			# shellcheck disable=SC2046
			$(pin pinned) $(wrap "$w") "$bench/net" "$(cat port)" \
			    "$count" 2> err | sed "s/^/pinned $w /" >> samples
		done
	done
	kill $server
	trap 'rm -rf "$work"' EXIT
	awk '{ print $1, $3, $2, $4 }' samples > s && mv s samples
	echo
	echo "Nanoseconds per call, on one processor, $round rounds."
	awk "$awklib"'
	END {
		split("connect send", r, " ")
		split("bare connecting address ports", w, " ")
		for (i = 1; i <= 2; i++)
			for (j = 1; j <= 4; j++)
				printf "%-8s %-12s %9s\n", r[i], w[j],
				    num(median("pinned " r[i] " " w[j]),
				    "%.0f")
		print ""
		target("connect+close, an address / supervisor", \
		    ratio("pinned connect address", \
		    "pinned connect connecting"), 2)
		target("connect+close, a port / bare", \
		    ratio("pinned connect ports", "pinned connect bare"), 1.1)
		target("send+recv on a connected socket / bare", \
		    ratio("pinned send address", "pinned send bare"), 1.1)
	}' samples
}

# A client that talks on connections it has: the server is on another
# processor where there is one, the client pinned.
section_hidden() {
	echo
	mkdir -p hide/there
	: > hide/there/f
	printf 'profile "default"\nhide quiet under { "%s" "%s" }\n' \
	    "$work/hide/there" "$work/hide/absent" > hide.conf
	echo "Calls on what is hidden: there, and not there; ns, medians of" \
	    "$count, pinned."
	for f in "" /f; do
		if ! (cd hide && $(pin pinned) "$privsep" -f ../hide.conf \
		    -r "allow read, exec under \"$bench\"" -- "$bench/hidden" \
		    "$count" "there$f" "absent$f" > ../out 2> ../err); then
			echo "cannot run: hidden: $(tail -n 1 err)"
			failed=1
			return
		fi
		awk -v f="$f" '{ x = $2 / $3
			printf "%-12s %-10s %8d %8d %7.3f\n", $1, "there" f,
			    $2, $3, x
			if (x < 1) x = 1 / x
			if (x > worst) worst = x
		}
		END {
			printf "%-52s %8.2f  target <= %.2f  %s\n", \
			    "hidden and there, to not there, the worst call", \
			    worst, 1.05, (worst <= 1.05) ? "PASS" : "above"
		}' out
	done
}

section_redis() {
	if ! command -v redis-server > /dev/null ||
	    ! command -v redis-benchmark > /dev/null; then
		echo
		echo "redis: not installed (redis-server, redis-tools)"
		return
	fi
	redis-server --port 0 --unixsocket "$work/redis.sock" --save '' \
	    --dir "$work" > redis.log 2>&1 &
	server=$!
	trap 'kill $server; rm -rf "$work"' EXIT
	i=0
	while [ ! -S "$work/redis.sock" ] && [ $((i += 1)) -lt 100 ]; do
		sleep 0.1
	done
	port=
	for p in $(seq 20000 20100); do
		if [ "$(redis-cli -s "$work/redis.sock" config set port "$p" \
		    2> /dev/null)" = OK ]; then
			port=$p
			break
		fi
	done
	{
		echo 'profile "default"'
		echo "allow net connect tcp to loopback port $port"
	} > net.conf
	probe bare address
	section_begin
	while another_round; do
		# shellcheck disable=SC2086
		for w in $(turned $round $usable); do
			# shellcheck disable=SC2046
			$(pin pinned) $(wrap "$w") redis-benchmark -p "$port" \
			    --csv -n 50000 -c 50 -t get 2> err |
			    sed -n "s/^\"GET\",\"\([0-9.]*\)\".*/pinned get $w \1/p" \
			    >> samples
		done
	done
	kill $server
	trap 'rm -rf "$work"' EXIT
	echo
	echo "Requests per second, $round rounds."
	awk "$awklib"'
	END {
		split("bare address", w, " ")
		for (i = 1; i <= 2; i++)
			printf "%-8s %-12s %9s\n", "get", w[i],
			    num(median("pinned get " w[i]), "%.0f")
		print ""
		target("redis-benchmark, bare / with an address", \
		    ratio("pinned get bare", "pinned get address"), 1.03)
	}' samples
}

tree() {
	ps -e -o pid= -o ppid= | awk -v root="$1" '
	{ pid[NR] = $1; parent[$1] = $2 }
	END {
		for (i = 1; i <= NR; i++)
			for (p = pid[i]; p > 0; p = parent[p])
				if (p == root) {
					print pid[i]
					break
				}
	}'
}

# PSS of every role while an idle command runs, the command not counted.
section_memory() {
	probe default broker
	echo
	echo "Proportional memory (PSS) of the roles while sleep runs, kB."
	for w in $usable; do
		$(wrap "$w") sleep 60 > out 2>&1 &
		monitor=$!
		sleep 2
		total=0
		n=0
		hidden=0
		for pid in $(tree $monitor); do
			[ "$(cat "/proc/$pid/comm")" = sleep ] && continue
			title=$(tr '\0' ' ' < "/proc/$pid/cmdline" | cut -c1-48)
			n=$((n + 1))
			kb=$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' \
			    "/proc/$pid/smaps_rollup" 2> err)
			if [ -z "$kb" ]; then
				hidden=$((hidden + 1))
				kb=0
			fi
			printf '%-8s %8d  %s\n' "$w" "$kb" "$title"
			total=$((total + kb))
		done
		kill -TERM $monitor 2> err
		wait $monitor 2> err
		if [ $n -eq 0 ]; then
			echo "cannot run: $w: sleep: $(tail -n 1 out)"
			failed=1
		elif [ $hidden -gt 0 ]; then
			echo "$w: $hidden of $n processes are not dumpable:" \
			    "only root can measure them"
		else
			awk -v kb=$total -v w="$w" "$awklib"'
			END {
				target("memory, " w ", MB", kb / 1024, 6)
			}' < /dev/null
		fi
	done
}

# A program's row: name, place, wrappers, runs inside, runs of the whole, what
# is done before and not counted, and the text.  Two measurements a wrapper and
# round: "in", the median of some runs inside one sandbox; "whole", the median
# of some runs of the command line, start-up and end included.  0 runs: not
# that one.
program() {
	name=$1 place=$2 inside=$4 whole=$5 before=$6 text=$7
	# shellcheck disable=SC2086
	for w in $(turned "$round" $3); do
		if ! sh -c "$before" > out 2>&1 ||
		    ! program_inside || ! program_whole; then
			echo "cannot run: $w: $name: $(tail -n 1 out err)"
			failed=1
			usable=$(echo "$usable " | sed "s/ $w / /")
		fi
	done
}
# The outer spawn sees the processor time of the roles too; not that of
# bubblewrap's, which waits for no child.
program_inside() {
	[ "$inside" -eq 0 ] && return
	# shellcheck disable=SC2046,SC2086
	$(pin "$place") "$bench/spawn" -n 1 -w 0 $(wrap "$w") \
	    ./spawn -n "$inside" -w 2 -q $text > times 2> err || return 1
	awk -v k="$place $name $w" 'NR == 1 { print k ":in", $1 }
	    NR == 2 && !/bwrap/ { print k ":in:cpu", $4 }' times >> samples
}
program_whole() {
	[ "$whole" -eq 0 ] && return
	# shellcheck disable=SC2046,SC2086
	$(pin "$place") "$bench/spawn" -n "$whole" -w 0 -q $(wrap "$w") \
	    $text > times 2> err || return 1
	awk -v k="$place $name $w" '{ print k ":whole", $1 }
	    !/bwrap/ { print k ":whole:cpu", $4 }' times >> samples
}

# Print what program left, against bare.  Arguments: "wrapper target" each.
programs_report() {
	printf '\n%-9s %-8s %-6s %-8s %9s %9s %6s %13s %6s %7s\n' \
	    program cpu run against ms bare wall quartiles cpu target
	for want; do
		echo "$want"
	done > wanted
	awk "$awklib"'
	END {
		while ((getline line < "wanted") > 0) {
			wanted[++nw] = line
		}
		for (i = 1; i <= norder; i++) {
			k = order[i]
			for (j = 1; j <= 2; j++)
				for (w = 1; w <= nw; w++) {
					split(wanted[w], f, " ")
					row(k, j == 1 ? "in" : "whole", f[1],
					    f[2])
				}
		}
	}
	function row(k, how, w, max,   a, b, x, p) {
		a = k " " w ":" how
		b = k " bare:" how
		if (!(b in n) || !(a in n))
			return
		split(k, p, " ")
		x = ratio(a, b)
		printf "%-9s %-8s %-6s %-8s %9.2f %9.2f %6.3f %6.3f-%6.3f %6s", \
		    p[2], p[1], how, w, median(a) / 1e3, median(b) / 1e3, \
		    x, quartile(a, b, 0), quartile(a, b, 1), \
		    num(ratio(a ":cpu", b ":cpu"), "%.3f")
		if (max == "-")
			printf " %7s\n", "-"
		else
			printf " %7.2f  %s\n", max, x <= max ? "PASS" : "above"
	}' samples
}

programs_explain() {
	echo
	echo "Against bare, median of $round rounds.  ms, bare: milliseconds;" \
	    "wall: their ratio;"
	echo "quartiles: of that ratio; cpu: the ratio of processor time," \
	    "roles included.  in: inside"
	echo "one sandbox; whole: with start-up and end.  filter: an empty" \
	    "seccomp filter; watch: -w;"
	echo "broker: every open is brokered, by the default profile and a" \
	    "glob."
}

project_make() {
	[ -d project ] && return
	mkdir project
	if [ -n "${BENCH_PROJECT:-}" ]; then
		cp -R "$BENCH_PROJECT/." project
	else
		cp -R "$top/GNUmakefile" "$top/monitor" "$top/worker" \
		    "$top/common" "$top/proto" project
	fi
}

# The whole command: against seconds of compiling, start-up is nothing.
section_build() {
	place=$1
	shift
	probe "$@"
	project_make
	section_begin
	unset MAKEFLAGS MFLAGS MAKELEVEL BUILD	# of the make that runs us
	export CCACHE_DISABLE=1
	while another_round; do
		program build "$place" "$usable" 0 1 \
		    'make -s -C project clean' 'make -s -j2 -C project'
	done
	programs_explain
	programs_report 'bwrap -' 'default 1.03' 'watch 1.15' 'broker 1.15'
}

# Warm caches, both places, as often as there is time.
section_program() {
	probe bare bwrap filter default broker
	cp "$bench/spawn" spawn
	section_begin
	while another_round; do
		program "$1" unpinned "$usable" "$2" "$3" true "$4"
		program "$1" pinned "$usable" "$2" "$3" true "$4"
	done
	programs_explain
	programs_report 'bwrap -' 'filter -' "default $5" 'broker -'
}

section_git() {
	if [ ! -d repo ]; then
		mkdir repo
		(cd repo && git init -q && awk 'BEGIN {
			for (d = 0; d < 80; d++) {
				system("mkdir d" d)
				for (i = 0; i < 50; i++)
					print d, i > ("d" d "/f" i)
			}
		}' && git add -A . && git -c user.name=b \
		    -c user.email=b@localhost commit -qm bench && sleep 1 &&
		    git status) > out 2>&1
	fi
	section_program git 20 5 'git -C repo status' 1.05
}

section_find() {
	section_program find 3 1 \
	    'find /usr/include /usr/lib -printf %s%p' 1.05
}

# The interpreter itself: what is found by name may be a script that looks
# for it.
section_python() {
	python=$(python3 -c 'import sys; print(sys.executable)' 2> err) || {
		echo "skipped: no python3"
		return
	}
	section_program python 20 5 "$python -c pass" 1.10
}

# What start-up is made of.  strace(1) cannot follow into the child, which
# the receiver must trace itself, so it watches the monitor: what the monitor
# waits for is the roles.  perf(1) sees all of them, where it may be used.
section_startup_breakdown() {
	probe default
	[ -n "$usable" ] || return
	echo
	if command -v strace > out; then
		echo "The monitor's longest gaps between system calls (s):"
		strace -r -s 40 -o trace "$privsep" -- /bin/true
		awk 'NR > 1 { printf "%s after %s\n", $1, last }
		    { last = substr($0, index($0, $2), 100) }' trace |
		    sort -rn | head -n 15
	else
		echo "skipped: no strace"
	fi
	if command -v perf > out &&
	    perf trace -o trace -s "$privsep" -- /bin/true > out 2> err; then
		echo
		echo "Per process, total milliseconds in the longest calls:"
		awk '/ events, / { n = 0; print }
		    /^ +[a-z_0-9]+ +[0-9]/ && n++ < 6 {
			printf "    %-18s %6d calls %10.3f ms\n", $1, $2, $4
		    }' trace
	else
		echo "skipped: perf trace: $(tail -n 1 err 2> /dev/null)"
	fi
}

echo "$(uname -sr), $(nproc) CPUs, uid $(id -u)," \
    "load $(cut -d' ' -f1-3 /proc/loadavg)"
for section; do
	echo
	echo "== $section"
	case $section in
	calls)			section_calls ;;
	startup)		section_startup ;;
	exec)			section_exec ;;
	hash)			section_hash ;;
	net)			section_net ;;
	hidden)			section_hidden ;;
	redis)			section_redis ;;
	memory)			section_memory ;;
	build)			section_build unpinned \
				    bare bwrap default watch broker ;;
	build-pinned)		section_build pinned bare default broker ;;
	git)			section_git ;;
	find)			section_find ;;
	python)			section_python ;;
	startup-breakdown)	section_startup_breakdown ;;
	*)			usage ;;
	esac
done
exit $failed
