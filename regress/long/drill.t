#!/bin/sh
# Each message type and field extreme from a hostile monitor to each role; the
# other drills are in make check.
DRILL_LONG=yes DRILL_ONLY=" role" exec sh regress/drill/drill.t
