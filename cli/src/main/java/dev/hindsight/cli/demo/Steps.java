package dev.hindsight.cli.demo;

import dev.hindsight.cli.output.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The steps of the story as they are done: each is told with the time it took. One thread. */
final class Steps {
    private final Demo.Teller teller;
    private final List<DemoResult.Step> done = new ArrayList<>();

    Steps(Demo.Teller teller) {
        this.teller = teller;
    }

    <T> T step(String what, Supplier<T> work) {
        long began = System.nanoTime();
        teller.begins(what);
        T out = work.get();
        done.add(new DemoResult.Step(what, seconds(began)));
        tell(String.format(Locale.ROOT, "%8s  %s", Text.seconds(seconds(began)), what));
        return out;
    }

    void tell(String line) {
        teller.tell(line);
    }

    List<DemoResult.Step> done() {
        return List.copyOf(done);
    }

    static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
