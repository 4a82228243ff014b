#!/bin/sh
# same.t with more pipelines: see there.
E2E_LONG=yes exec sh regress/e2e/same.t
