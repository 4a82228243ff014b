#!/bin/sh
# make analyze: gcc -fanalyzer over each source named, with the flags in
# $FLAGS.  What it warns of is an error, unless the line or the one above has a
# comment that says why not: /* analyzer: REASON */.  A comment that nothing is
# warned of for is an error too.
set -u
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
printf '%s\n' "$@" | xargs -P 2 -I{} ${CC:-gcc} $FLAGS -fanalyzer -fdiagnostics-path-format=none \
    -Wno-analyzer-too-complex -c -o /dev/null {} 2>"$out" || {
	cat "$out"
	exit 1
}
awk -v out="$out" '
    FILENAME != out {
	if (match($0, /\/\* analyzer: /))
		why[FILENAME ":" FNR] = why[FILENAME ":" (FNR + 1)] = \
		    FILENAME ":" FNR
	next
    }
    /: warning: / {
	split($0, at, ":")
	n++
	if ((w = why[at[1] ":" at[2]]) == "") {
		print
		bad = 1
	} else
		used[w] = 1
    }
    END {
	for (i in why)
		if (why[i] != "" && !(why[i] in used) && !(why[i] in said)) {
			said[why[i]] = 1
			print why[i] ": nothing is warned of here"
			bad = 1
		}
	printf "analyze: %d files, %d warnings, %s\n", ARGC - 2, n,
	    bad ? "not all justified" : "all of them justified"
	exit (bad)
    }' "$@" "$out"
