/** Every promise about what is synthesised, in one suite: it loads CDKTF once, which takes longest. */
import './promises/delivery.ts'
import './promises/environments.ts'
import './promises/objects.ts'
import './promises/options.ts'
import './promises/platform.ts'
import './promises/stacks.ts'
import './promises/values.ts'
import './promises/wiring.ts'
