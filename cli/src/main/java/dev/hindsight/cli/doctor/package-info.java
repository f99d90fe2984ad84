/**
 * {@code doctor}: looks at everything a backup or restore will need, one {@link dev.hindsight.cli.doctor.Finding} each,
 * and says what to do next. Changes nothing but a probe object that it removes again.
 */
@NullMarked
package dev.hindsight.cli.doctor;

import org.jspecify.annotations.NullMarked;
