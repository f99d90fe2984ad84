/**
 * Brings the inputs of a task to scratch: of each the small components, and of Data.db only the chunks that hold its token
 * ranges, every checksum verified on arrival. {@link dev.hindsight.synthesis.fetch.FetchedInputs} is the entry; several
 * origins are fetched at a time, each by one thread, and what is fetched is then read by one thread.
 */
package dev.hindsight.synthesis.fetch;
