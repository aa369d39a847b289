/** Expected results of the synthesis, in one suite, which loads CDKTF only once. */
import './synthesis/delivery.ts'
import './synthesis/environments.ts'
import './synthesis/objects.ts'
import './synthesis/options.ts'
import './synthesis/profiles.ts'
import './synthesis/stacks.ts'
import './synthesis/values.ts'
import './synthesis/wiring.ts'
