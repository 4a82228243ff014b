# Shared by regress/e2e/*.t, which begin, started from the repository root, with
#	. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
# A test is run twice when started as root, as root and as an ordinary
# user, each time in a private tree:
#
#	$E2E		the tree; readable by all, removed afterwards
#	$E2E/src	copy of regress/e2e, man, the sources, and $BUILD/*.o
#	$HOME		home directory of the pass, HOME/bin has the helpers
#	$WORK		$HOME/work, the working directory
#	$TMPDIR		$E2E/tmp, shared by the passes
#	$PRIVSEP	the program
#
# E2E_LONG=yes asks for what takes long, where a test has such a part.
#
# A test that sets PASSES=once before runs once, as whoever started it; one that
# sets PASSES=together runs both passes at the same time: nothing outside of
# its tree is shared by them, and nothing in it is about how long something
# takes.
# Results are printed without numbers; the plan comes last.

if [ -z "${E2E_PASS:-}" ]; then
	e2e_bin=${PRIVSEP:-./privsep-sandbox}
	e2e_build=${BUILD:-build}
	if [ ! -x "$e2e_bin" ]; then
		echo "1..0 # SKIP no $e2e_bin: run make first"
		exit 1
	fi
	umask 022
	E2E=$(mktemp -d /tmp/e2e.XXXXXXXXXX) || exit 1
	chmod 755 "$E2E"
	# a user's leftovers of a killed test end with the test
	trap 'rm -rf "$E2E"' EXIT
	trap 'exit 1' HUP INT TERM
	mkdir -p "$E2E/src/regress" "$E2E/src/monitor" "$E2E/src/obj" \
	    "$E2E/bin" "$E2E/tmp"
	chmod 1777 "$E2E/tmp"
	cp -r regress/e2e "$E2E/src/regress/"
	cp -r man "$E2E/src/"
	cp -r monitor/* "$E2E/src/monitor/"
	cp -r common proto worker "$E2E/src/"
	cp "$e2e_build"/*.o "$E2E/src/obj/" 2>/dev/null
	cp "$e2e_bin" "$E2E/bin/privsep-sandbox"
	chmod -R go+rX "$E2E"
	e2e_sum=0

	e2e_pass() {	# name, uid
		e2e_run "$1" "$2" | tee "$E2E/$1.tap"
		e2e_count "$1"
	}
	e2e_run() {	# name, uid; runs this very script again
		mkdir -p "$E2E/$1/work" "$E2E/$1/bin" "$E2E/$1.tmp"
		cp "$e2e_build"/regress/* "$E2E/$1/bin/" 2>/dev/null
		cp regress/e2e/*.py "$E2E/$1/bin/" 2>/dev/null
		chmod -R u=rwX,go=rX "$E2E/$1"
		e2e_as=
		if [ "$2" -ne "$(id -u)" ]; then
			chown -R "$2:$2" "$E2E/$1" "$E2E/$1.tmp"
			e2e_as="setpriv --reuid=$2 --regid=$2 --clear-groups"
		fi
		( cd "$E2E/$1/work" && $e2e_as env -i E2E_PASS="$1" \
		    E2E="$E2E" HOME="$E2E/$1" WORK="$E2E/$1/work" \
		    PRIVSEP="$E2E/bin/privsep-sandbox" \
		    TMPDIR="$E2E/tmp" USER="$1" LOGNAME="$1" LANG=C.UTF-8 TERM=xterm SHELL=/bin/sh \
		    ASAN_OPTIONS="${ASAN_OPTIONS:-}" E2E_LONG="${E2E_LONG:-}" \
		    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		    sh "$E2E/src/regress/e2e/${0##*/}" </dev/null
		    echo $? >"$E2E/$1.st" ) 2>"$E2E/$1.err"
	}
	e2e_count() {	# name
		e2e_st=$(cat "$E2E/$1.st")
		sed 's/^/# /' "$E2E/$1.err"
		e2e_n=$(grep -c -E '^(not )?ok' "$E2E/$1.tap")
		if [ $e2e_st -ne 0 ] || [ "$e2e_n" -eq 0 ]; then
			echo "not ok - $1: ran to its end (status $e2e_st)"
			e2e_n=$((e2e_n + 1))
		fi
		e2e_sum=$((e2e_sum + e2e_n))
	}

	if [ "$(id -u)" -eq 0 ] && [ "${PASSES:-}" = together ]; then
		e2e_run root 0 >"$E2E/root.tap" &
		e2e_run user 65534 >"$E2E/user.tap"
		wait
		for e2e_p in root user; do
			cat "$E2E/$e2e_p.tap"
			e2e_count "$e2e_p"
		done
	elif [ "$(id -u)" -eq 0 ]; then
		e2e_pass root 0
		[ "${PASSES:-}" = once ] || e2e_pass user 65534
	else
		e2e_pass user "$(id -u)"
	fi
	echo "1..$e2e_sum"
	exit 0
fi

T=$HOME.tmp		# scratch, outside of what the sandbox may touch
SRC=$E2E/src
LIMIT=30		# seconds for one run

# ok NAME: the last command's status decides.
ok() {
	e2e_last=$?
	if [ $e2e_last -eq 0 ]; then
		echo "ok - $E2E_PASS: $1"
	else
		echo "not ok - $E2E_PASS: $1"
		e2e_what=$1
		shift
		for e2e_d; do
			printf '%s\n' "$e2e_d" | head -c 2000 | head -20 |
			    sed "s/^/#   /" >&2
		done
		echo "# failed: $E2E_PASS: $e2e_what" >&2
	fi
}

# is NAME GOT WANT
is() {
	[ "$2" = "$3" ]
	ok "$1" "got:  $2" "want: $3"
}

# like NAME TEXT ERE, unlike NAME TEXT ERE
like() {
	printf '%s\n' "$2" | grep -q -E -e "$3"
	ok "$1" "text: $2" "does not match: $3"
}
unlike() {
	! printf '%s\n' "$2" | grep -q -E -e "$3"
	ok "$1" "text: $2" "matches: $3"
}

skip() {	# NAME REASON
	echo "ok - $E2E_PASS: $1 # SKIP $2"
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# The sandbox, for at most $LIMIT seconds.
sb() {
	timeout -k 5 "$LIMIT" "$PRIVSEP" "$@"
}

# run ARGS: sb with its results in $out, $err and $st.
run() {
	sb "$@" >"$T/out" 2>"$T/err"
	st=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
}

# same NAME COMMAND ARGS: bare and inside, the same output and status; with
# the kernel's tier and, watched, with the broker's.  What was denied is not
# part of it, but shown.
same() {
	e2e_name=$1
	shift
	timeout -k 5 "$LIMIT" "$@" >"$T/out.bare" 2>"$T/err.bare" </dev/null
	e2e_bare=$?
	rm -f "$T/same.log"
	same_inside "$e2e_name" -r 'set watch no' -- "$@"
	same_inside "$e2e_name (watched)" -w -- "$@"
	head -3 "$T/same.log" | cut -c1-200 | sed 's/^/# /'
}
same_inside() {
	e2e_name=$1
	shift
	sb -l "$T/same.log" "$@" >"$T/out.in" 2>"$T/err.in" </dev/null
	e2e_in=$?
	[ $e2e_bare -eq $e2e_in ] && cmp -s "$T/out.bare" "$T/out.in" &&
	    cmp -s "$T/err.bare" "$T/err.in"
	ok "$e2e_name" "status: bare $e2e_bare, inside $e2e_in" \
	    "$(diff -a "$T/out.bare" "$T/out.in" | head -8)" \
	    "$(diff -a "$T/err.bare" "$T/err.in" | head -8)"
}

# Wait until a command succeeds, at most so many tenths of a second.
wait_for() {
	e2e_n=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $((e2e_n = e2e_n - 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

# Temporary directories that runs have left.
leftovers() {
	find "$E2E/tmp" -maxdepth 1 -name 'privsep-sandbox.*' -uid "$(id -u)" |
	    sort
}
