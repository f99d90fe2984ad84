/**
 * SHA-256 of everything that is stored, computed once while bytes pass by and checked whenever they come back. Why this
 * digest: docs/decisions/0001. Nothing here is shared between threads.
 */
package dev.hindsight.repository.digest;
