/** Every promise about what is synthesised, in one suite: it loads CDKTF once, which takes longest. */
import './promises/environments.ts'
import './promises/objects.ts'
import './promises/options.ts'
import './promises/stacks.ts'
import './promises/values.ts'
