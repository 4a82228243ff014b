#!/bin/sh
# make cover: what the tests have counted, by file and at the end by directory.
# sh regress/cover.sh build-cov
# Fails where a directory has less than 90 % of its lines, or none.
set -e
build=$1
find "$build" -name '*.gcda' -exec rm -f {} +
for f in "$build"/counters/*; do
	for p in "$build/${f##*/}" $(find "$build/regress" "$build/drill" \
	    -type f -name "${f##*/}"); do
		[ ! -x "$p" ] || COVER_DUMP=1 "$p"
	done
done
cd "$build"
gcov -n $(find common proto worker -name '*.gcno') 2>/dev/null |
    awk -F"[':% ]+" '/^File/ { f = $2 }
    /^Lines/ && f ~ /^(common|proto|worker)\/.*\.c$/ {
	split(f, d, "/"); n[d[1]] += $5; hit[d[1]] += $3 * $5 / 100
	printf "%6.1f%% of %5d  %s\n", $3, $5, f | "sort -k 4"; f = "" }
    END { close("sort -k 4")
	split("common proto worker", d, " ")
	for (i = 1; i in d; i++) {
		part = n[d[i]] ? 100 * hit[d[i]] / n[d[i]] : 0
		bad += part < 90
		printf "%6.1f%% of %5d  %s%s\n", part, n[d[i]], d[i],
		    part < 90 ? ": less than 90 %" : ""
	}
	exit (bad > 0) }'
