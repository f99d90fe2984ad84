/** Where things lie in a repository: keys and ids, the same for every store. Grammar: docs/FORMAT.md. No state. */
package dev.hindsight.repository.layout;
