import { version } from '../../package.json'

/** What this program calls itself towards upstreams. */
export const USER_AGENT = `cliproxy/${version}`
