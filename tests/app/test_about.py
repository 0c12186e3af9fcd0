from importlib.metadata import PackageNotFoundError

from dfmamba_live.about import about_html, packages


def test_every_package_has_a_licence():
    rows = {name.lower().replace("_", "-"): licence for name, _, licence in packages()}
    assert rows["pyqtgraph"] == "MIT"
    assert rows["pyside6-essentials"].startswith("LGPL")
    assert {"torch", "numpy", "mediapipe", "av"} <= set(rows)
    assert "pytest" not in rows
    assert all(rows.values())


def test_the_page_names_them_and_the_programs_own():
    page = about_html()
    assert "Licence: Apache-2.0" in page
    assert all(f"<td>{name}" in page for name, *_ in packages())


def test_run_from_a_folder_without_installing(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("dfmamba_live.about.metadata", missing)
    monkeypatch.setattr("dfmamba_live.about.requires", missing)
    assert list(packages()) == []
    assert "Apache-2.0" in about_html()
