module admwh.example/bench/patch

go 1.19

require (
	gomodules.xyz/jsonpatch/v2 v2.5.0
	gopkg.in/evanphx/json-patch.v4 v4.13.0
)
