#!/bin/sh
# netprog.t with the servers that take long to set up: see netlong.sh.
E2E_LONG=yes exec sh regress/e2e/netprog.t
