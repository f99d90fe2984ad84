/**
 * A backup with what it builds on, as the verbs read it from the repository: parents, layers, what the chain has seen.
 * Decisions about it are values of {@code model.chain}; verbs that change chains have their own packages.
 */
package dev.hindsight.operations.chain;
