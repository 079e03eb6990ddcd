import { ownExtrasFor, ownReaderFor } from '../shared/own-extras.ts'

/** See {@link ownExtrasFor}. */
export const ownExtras = ownExtrasFor('openai-responses')

/** See {@link ownReaderFor}. */
export const readOwn = ownReaderFor('openai-responses')
