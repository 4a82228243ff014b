#!/bin/sh
# verify.t with a larger file: see there.
E2E_LONG=yes exec sh regress/e2e/verify.t
