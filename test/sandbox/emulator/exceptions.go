package emulator

import "github.com/storefront-cdk/storefront/test/sandbox/readback"

// Exceptions are the properties that the emulator, with its plug-in, takes and does not keep. Rather than excuse one here,
// let the plug-in keep it, if that takes a few lines and is what AWS does. The tests fail when one is no longer needed.
var Exceptions = []readback.Exception{}
