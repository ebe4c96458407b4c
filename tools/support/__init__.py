"""Makes the support tables from the vendor's documentation and packages, and counts them a second time.

For a new release: update the checkouts, fetch the packages, and read the difference that this command leaves in git.

    pip download --no-deps --only-binary :all: -d wheels torch_npu==2.13.0
    python -m tools.support --docs ../pytorch --op-plugin ../op-plugin --torch torch-2.13.0.whl \\
        --wheel wheels/torch_npu-*.whl --out rules/ascend/support

`../pytorch` and `../op-plugin` are checkouts, or git folders alone, of Ascend/pytorch and Ascend/op-plugin. Sentences
that the table of phrases does not hold are listed; until they are added, the tables refer to the page for them.
"""
