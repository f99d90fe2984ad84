/**
 * The catalogue: the repository's own log of what was published. {@link dev.hindsight.repository.catalogue.Catalogue} is
 * the only way to make something visible. Called by {@code Repository} and the verbs; safe for several threads and
 * processes.
 */
package dev.hindsight.repository.catalogue;
