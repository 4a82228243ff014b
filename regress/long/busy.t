#!/bin/sh
# busy.t for a minute, and with less: see there.
E2E_LONG=yes exec sh regress/e2e/busy.t
