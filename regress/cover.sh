#!/bin/sh
# make cover: what the tests have counted, by file.  sh regress/cover.sh build-cov
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
	printf "%6.1f%% of %5d  %s\n", $3, $5, f; f = "" }
    END { for (i in n) { printf "%6.1f%% of %5d  %s\n",
	100 * hit[i] / n[i], n[i], i; all += n[i]; got += hit[i] }
	printf "%6.1f%% of %5d  total\n", 100 * got / all, all }' | sort -k 4
