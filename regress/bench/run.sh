#!/bin/sh
#
# The bench: what the sandbox costs, as ratios taken in one interleaved run.
# Prints; it never fails because something was slow.  Exit status 1 when
# something could not run at all.
#
#	run.sh [-r rounds] [-n count] [section ...]
#
# Sections: calls startup memory programs startup-breakdown.  Without one:
# calls, startup and memory.  As root or as an ordinary user.
#
# Environment: PRIVSEP (./privsep-sandbox), BUILD (build), TMPDIR: where the
# scratch directory is made (a tmpfs is less noisy: /dev/shm), BENCH_PROJECT: a
# directory with a makefile to build in "programs" (default: this project).

set -u
PATH=$PATH:/usr/sbin:/sbin

rounds=7
count=5500
failed=0

usage() {
	echo "usage: run.sh [-r rounds] [-n count] [section ...]" >&2
	exit 2
}
while getopts r:n: opt; do
	case $opt in
	r)	rounds=$OPTARG ;;
	n)	count=$OPTARG ;;
	*)	usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- calls startup memory

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

for f in supervisor calls spawn; do
	if [ ! -x "$bench/$f" ]; then
		echo "$bench/$f is missing: make bench builds it" >&2
		exit 1
	fi
done

# A denied glob is what only the broker can enforce: every open goes there.
cat > broker.conf <<-'END'
	allow all under "/"
	deny read glob "/**/*.never-matches"
END
{
	echo 'allow all under "/"'
	i=1
	while [ $i -lt 200 ]; do
		echo "deny write under \"/usr/share/bench-$i\""
		i=$((i + 1))
	done
} > rules200.conf

# The wrappers a command is run in.
bwrap_ref="bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev"
wrap() {
	case $1 in
	bare)		echo "" ;;
	filter)		echo "$bench/supervisor -e" ;;
	supervisor)	echo "$bench/supervisor -a" ;;
	default)	echo "$privsep --" ;;
	broker)		echo "$privsep -f $work/broker.conf --" ;;
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
function median(key,   i, v) {
	if (!(key in n))
		return -1
	for (i = 1; i <= n[key]; i++)
		v[i] = val[key, i]
	sorted(v, n[key])
	return v[int((n[key] + 1) / 2)]
}
function ratio(a, b,   i, v, m) {
	if (!(a in n) || !(b in n))
		return -1
	m = n[a] < n[b] ? n[a] : n[b]
	for (i = 1; i <= m; i++)
		v[i] = val[a, i] / val[b, i]
	sorted(v, m)
	return v[int((m + 1) / 2)]
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
		    x <= max ? "met" : "MISSED", note
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
	probe bare filter supervisor default broker
	cp "$bench/calls" calls
	: > samples
	for _ in $(seq "$rounds"); do
	for p in pinned unpinned; do
	for row in open create getppid stat read rename mkdir readdir open8; do
	for w in $usable; do
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
	echo "Nanoseconds per call, median of $rounds rounds; ratios are" \
	    "medians of each round's."
	echo "filter: an empty seccomp filter; superv: the minimal" \
	    "one-process supervisor;"
	echo "broker: every open brokered."
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
			    num(median(k " broker"), "%.0f"), \
			    num(ratio(k " broker", k " supervisor"), "%.2f"), \
			    num(ratio(k " broker", k " bare"), "%.2f"), \
			    num(ratio(k " default", k " bare"), "%.2f")
		}
		print ""
		target("open+close pinned, broker / supervisor", \
		    ratio("pinned open broker", "pinned open supervisor"), 2.5)
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
	probe bare bwrap default broker rules200
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
		}
	}' samples
}

# Every descendant of $1, and $1.
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

# Rows of programs: name, runs per round, shell text.
programs='
build	1	make -s -C project clean && make -s -j2 -C project
git	50	git -C project status
find	10	find /usr/include /usr/lib -type f -size +900M
python	20	python3 -c pass
'

project_make() {
	mkdir project
	if [ -n "${BENCH_PROJECT:-}" ]; then
		cp -R "$BENCH_PROJECT/." project
	else
		cp -R "$top/GNUmakefile" "$top/monitor" "$top/worker" \
		    "$top/common" "$top/proto" project
	fi
	(cd project && git init -q && git add -A . && git -c user.name=b \
	    -c user.email=b@localhost commit -qm bench) > out 2>&1
}

# Whole programs.  The sandbox is started once a round, around spawn, so that
# its own start-up is not counted.
section_programs() {
	probe bare bwrap default broker
	project_make
	cp "$bench/spawn" spawn
	: > samples
	for _ in $(seq "$rounds"); do
	for p in unpinned pinned; do
	for w in $usable; do
	while read -r name runs text; do
		[ -n "$name" ] || continue
		[ "$w $name" = "bwrap build" ] && continue # read-only there
		if $(pin $p) $(wrap "$w") ./spawn -n "$runs" \
		    sh -c "$text > /dev/null 2>&1" \
		    > out 2> err < /dev/null; then
			awk -v k="$p $name $w" '{ print k, $1 }' out >> samples
		else
			echo "cannot run: $w: $name: $(tail -n 1 err)"
			failed=1
		fi
	done <<-END
	$programs
	END
	done
	done
	done
	echo
	echo "Programs, milliseconds, median of $rounds rounds; ratios to bare."
	awk "$awklib"'
	END {
		printf "%-8s %-8s %9s %9s %9s %9s %9s %9s %9s\n", "cpu", \
		    "program", "bare", "bwrap", "default", "broker", \
		    "bwr/bare", "def/bare", "brk/bare"
		for (i = 1; i <= norder; i++) {
			k = order[i]
			split(k, f, " ")
			printf "%-8s %-8s", f[1], f[2]
			split("bare bwrap default broker", c, " ")
			for (j = 1; j <= 4; j++) {
				m = median(k " " c[j])
				printf " %9s", num(m < 0 ? m : m / 1e3, "%.2f")
			}
			for (j = 2; j <= 4; j++)
				printf " %9s", num(ratio(k " " c[j], \
				    k " bare"), "%.3f")
			print ""
		}
		print ""
		split("unpinned pinned", c, " ")
		for (i = 1; i <= 2; i++) {
			k = c[i] " build"
			target("build " c[i] ", default / bare", \
			    ratio(k " default", k " bare"), 1.03)
			target("build " c[i] ", broker / bare", \
			    ratio(k " broker", k " bare"), 1.15)
			k = c[i] " git"
			target("git status " c[i] ", default / bare", \
			    ratio(k " default", k " bare"), 1.05)
			k = c[i] " find"
			target("find with stat " c[i] ", default / bare", \
			    ratio(k " default", k " bare"), 1.05)
			k = c[i] " python"
			target("python start " c[i] ", default / bare", \
			    ratio(k " default", k " bare"), 1.10)
		}
	}' samples
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
	case $section in
	calls)			section_calls ;;
	startup)		section_startup ;;
	memory)			section_memory ;;
	programs)		section_programs ;;
	startup-breakdown)	section_startup_breakdown ;;
	*)			usage ;;
	esac
done
exit $failed
